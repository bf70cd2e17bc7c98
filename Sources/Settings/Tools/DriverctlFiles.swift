import Host
import PCI
import Sysfs

/// An override that driverctl(8) sets whenever the function appears: a file `pci-ADDRESS` with a driver's name in it.
public struct DriverctlOverride: Sendable, Equatable {
  public let function: Address
  public let driver: String
  public let source: SourceLine
}

/// Reads `/etc/driverctl.d`.
struct DriverctlFiles {
  static let folder = "/etc/driverctl.d"

  static func read(_ files: inout SettingFiles) -> [DriverctlOverride] {
    files.names(folder).compactMap { name in
      // Its other bus is vmbus.
      guard name.hasPrefix("pci-"), let function = Address(name.dropFirst(4)) else { return nil }
      let path = "\(folder)/\(name)"
      // driverctl takes an empty file for no override.
      guard let line = files.lines(path)?.first, !line.isEmpty else { return nil }
      return DriverctlOverride(function: function, driver: line, source: SourceLine(path, 1, text: line))
    }
  }

  /// The rule that has driverctl look at the folder; nil if no folder of rules could be listed.
  static func hasRule(_ sysfs: any Sysfs) -> Bool? {
    let listings = UdevRules.folders.compactMap { try? sysfs.entries($0) }
    if listings.contains(where: { $0.contains { $0.hasSuffix("driverctl.rules") } }) { return true }
    return sysfs.exists("/usr/lib/udev/rules.d") || sysfs.exists("/lib/udev/rules.d") ? false : nil
  }
}
