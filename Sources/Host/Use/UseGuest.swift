extension Use {
  /// A virtual machine, and the program that manages it.
  public struct Guest: Sendable, Hashable {
    public enum Manager: Sendable, Hashable {
      /// `user`: of that user's own daemon, `qemu:///session`.
      case libvirt(user: ForeignWord?)
      /// By the VM's number.
      case proxmox(machine: ForeignWord)
      case incus(project: ForeignWord?)
      case lxd(project: ForeignWord?)
      case kubevirt(namespace: ForeignWord)
      case ganeti
      /// systemd-vmspawn.
      case machined
      /// None that is known: it was started by hand, by a script, or by a unit of systemd's.
      case none(unit: ForeignWord?, user: ForeignWord?)
    }

    public let name: ForeignWord
    public let manager: Manager

    public init(_ name: ForeignWord, _ manager: Manager) {
      self.name = name
      self.manager = manager
    }
  }

  /// A container, and the program that manages it.
  public struct Container: Sendable, Hashable {
    public enum Manager: Sendable, Hashable {
      case docker, podman, cri, incus, lxd, lxc
      /// By the container's number.
      case proxmox
      case machined
      case unknown
    }

    /// Its name, or the first digits of its id.
    public let name: ForeignWord
    public let manager: Manager
    /// Of a user who runs it without root.
    public let user: ForeignWord?

    public init(_ name: ForeignWord, _ manager: Manager, user: ForeignWord? = nil) {
      self.name = name
      self.manager = manager
      self.user = user
    }
  }
}

extension Use.Guest.Manager {
  /// What tells it from a guest of that name elsewhere: ` (VM 104)`.
  var suffix: String {
    switch self {
    case .proxmox(let machine): " (VM \(machine.shown))"
    case .kubevirt(let namespace): " (namespace \(namespace.shown))"
    case .none(let unit?, let user): ", in \(unit.shown)" + (user.map { " of user \($0.shown)" } ?? "")
    case .libvirt, .incus, .lxd, .ganeti, .machined, .none: ""
    }
  }
}
