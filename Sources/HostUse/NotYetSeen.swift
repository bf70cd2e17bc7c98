import Sysfs

/// What of the host's use cannot be seen at this moment of the boot. Its configuration speaks for it until then.
public enum NotYetSeen: Sendable, CustomStringConvertible {
  /// No interface but `lo` is up.
  case network
  /// udev has no records yet.
  case disks

  public var description: String {
    switch self {
    case .network: "no interface is up: addresses, routes, bonds and bridges do not exist yet"
    case .disks: "/run/udev/data is empty: what is on the disks is not known yet"
    }
  }
}

extension Evidence {
  public func notYetSeen() -> [NotYetSeen] {
    var found: [NotYetSeen] = []
    let interfaces = sysfs.names(in: "/sys/class/net").filter { $0 != "lo" }
    let up = interfaces.filter { (sysfs.fact("/sys/class/net/\($0)/operstate").value ?? "down") == "up" }
    if !interfaces.isEmpty, up.isEmpty { found.append(.network) }
    if sysfs.names(in: "/run/udev/data").isEmpty { found.append(.disks) }
    return found
  }
}
