import Host
import PCI

extension Use {
  /// The command that makes a process close the function, by the program that started it: what is only killed is started
  /// again by its unit, and takes the device again. For systemd's watchdog it turns the watchdog off.
  var ending: String? {
    guard let process else { return nil }
    guard process.pid == 1 else { return process.ending(of: function) }
    guard case .open(_, let node) = what, node.kind == .watchdog else {
      return "pid 1 is the host's init and cannot be stopped. To see its settings: systemctl show"
    }
    return
      "mkdir -p /etc/systemd/system.conf.d; printf '[Manager]\\nRuntimeWatchdogSec=0\\n' > /etc/systemd/system.conf.d/no-watchdog.conf; systemctl daemon-reexec"
  }
}

extension [Use] {
  /// What ends each of them, once.
  var endings: String {
    var commands: [String] = []
    for ending in compactMap(\.ending) where !commands.contains(ending) { commands.append(ending) }
    return commands.joined(separator: "; ")
  }
}

extension Use.Process {
  /// The command that stops the service which it is a process of; nil if there is none to stop.
  var stopOfUnit: String? {
    guard case .unit(let unit, let user) = owner else { return nil }
    return Self.stop(unit, of: user)
  }

  fileprivate func ending(of function: Address) -> String {
    switch owner {
    case .guest(let guest): return guest.ending(pid)
    case .container(let container): return container.ending(pid)
    case .unit(let unit, let user):
      guard let stop = Self.stop(unit, of: user) else { return "kill \(pid)" }
      guard command == "ovs-vswitchd" else { return stop }
      // The value of dpdk-devargs begins with a digit, so that it stands in double quotes (`ovs-vsctl(8)`).
      return
        "ovs-vsctl del-port \"$(ovs-vsctl --bare --columns=name find Interface 'options:dpdk-devargs=\"\(function)\"')\"; or, with all its bridges: \(stop)"
    case nil: return "kill \(pid)"
    }
  }

  /// `systemctl stop ollama.service`; a user's own manager is reached by the user's number. Nil for a scope, which
  /// nothing starts again, and for services that other processes than the one that is meant belong to.
  fileprivate static func stop(_ unit: ForeignWord, of user: ForeignWord?) -> String? {
    let isShared = ["ssh.", "sshd.", "sshd@", "user@", "getty@", "serial-getty@", "systemd-"].contains {
      unit.shown.hasPrefix($0)
    }
    guard unit.shown.hasSuffix(".service"), !isShared else { return nil }
    guard let user else { return "systemctl stop \(unit.quoted)" }
    return "systemctl --user --machine=\(ForeignWord(user.shown + "@").quoted) stop \(unit.quoted)"
  }
}

extension Use.Guest {
  fileprivate func ending(_ pid: UInt32) -> String {
    func of(_ project: ForeignWord?) -> String { project.map { " --project \($0.quoted)" } ?? "" }
    switch manager {
    case .libvirt(nil): return "virsh shutdown \(name.quoted)"
    case .libvirt(let user?): return "As user \(user.shown): virsh -c qemu:///session shutdown \(name.quoted)"
    case .proxmox(let machine): return "qm shutdown \(machine.quoted)"
    case .incus(let project): return "incus stop \(name.quoted)\(of(project))"
    case .lxd(let project): return "lxc stop \(name.quoted)\(of(project))"
    case .kubevirt(let namespace): return "virtctl stop \(name.quoted) -n \(namespace.quoted)"
    case .ganeti: return "gnt-instance shutdown \(name.quoted)"
    case .machined: return "machinectl poweroff \(name.quoted)"
    case .none(let unit?, let user):
      return Use.Process.stop(unit, of: user) ?? "kill \(pid)"
    case .none: return "Shut it down from inside the guest; or, as a power cut: kill \(pid)"
    }
  }
}

extension Use.Container {
  fileprivate func ending(_ pid: UInt32) -> String {
    let who = user.map { "As user \($0.shown): " } ?? ""
    switch manager {
    case .docker: return "\(who)docker stop \(name.quoted)"
    case .podman: return "\(who)podman stop \(name.quoted)"
    case .cri: return "crictl stop \(name.quoted)"
    case .incus: return "incus stop \(name.quoted)"
    case .lxd: return "lxc stop \(name.quoted)"
    case .lxc: return "lxc-stop -n \(name.quoted)"
    case .proxmox: return "pct shutdown \(name.quoted)"
    case .machined: return "machinectl poweroff \(name.quoted)"
    case .unknown: return "kill \(pid)"
    }
  }
}
