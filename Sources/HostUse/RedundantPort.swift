import Host
import Sysfs

/// Whether an interface of several ports lives on without those of the set.
struct RedundantPort {
  let sysfs: any Sysfs
  /// Interfaces of the set.
  let leaving: Set<String>

  /// Of `lower` as a port of `upper`; nil if no other port carries traffic, or if that is not known.
  func remainder(of upper: String, port lower: String) -> Use.Remainder? {
    let folder = "/sys/class/net/\(upper)"
    let isBond = sysfs.exists("\(folder)/bonding")
    guard isBond || sysfs.lines("\(folder)/uevent").contains("DEVTYPE=team") || isTeam(upper) else { return nil }
    let ports = sysfs.names(in: folder).filter { $0.hasPrefix("lower_") }.map { String($0.dropFirst(6)) }
    let slaves = (sysfs.fact("\(folder)/bonding/slaves").value ?? "").split(separator: " ").map(String.init)
    let others = Set(ports + slaves).subtracting(leaving).filter { port in
      let own = "/sys/class/net/\(port)"
      if isBond, let state = sysfs.fact("\(own)/bonding_slave/mii_status").value { return state == "up" }
      return sysfs.fact("\(own)/operstate").value == "up"
    }
    return others.isEmpty ? nil : Use.Remainder(.port, of: upper, by: others.sorted(), lost: lower)
  }

  /// A team has no folder of its own. `team_info` of `ethtool -i` is not in sysfs; teamd's socket is named by it.
  private func isTeam(_ name: String) -> Bool { sysfs.exists("/run/teamd/\(name).sock") }
}
