extension Use {
  /// A process, and how people call it.
  public struct Process: Sendable, Hashable {
    /// Who it works for.
    public enum Owner: Sendable, Hashable {
      case guest(Guest)
      case container(Container)
      /// A unit of systemd's; `user`: of that user's own manager.
      case unit(ForeignWord, user: ForeignWord?)
    }

    public let pid: UInt32
    public let command: String
    public let owner: Owner?

    public init(_ pid: UInt32, command: String, owner: Owner? = nil) {
      self.pid = pid
      self.command = command
      self.owner = owner
    }

    /// It runs a virtual machine, whether the guest's name is known or not.
    public var isMachine: Bool {
      if case .guest = owner { return true }
      return ["qemu", "kvm", "cloud-hyperv", "crosvm", "firecracker"].contains(where: command.hasPrefix)
    }
  }
}

extension Use.Process: CustomStringConvertible {
  /// `Xorg`; `qemu-system-x86, guest win10`; `redis, in redis.service of user 1000`.
  public var description: String {
    switch owner {
    case nil: command
    case .guest(let guest): "\(command), guest \(guest.name.shown)" + guest.manager.suffix
    case .container(let container): "\(command), in container \(container.name.shown)"
    case .unit(let unit, let user): "\(command), in \(unit.shown)" + (user.map { " of user \($0.shown)" } ?? "")
    }
  }
}

extension Use {
  /// The process that has a node of the function open; nil of every other use.
  public var process: Process? {
    switch what {
    case .open(let process, _), .vfioOpen(let process, _): process
    default: nil
    }
  }
}
