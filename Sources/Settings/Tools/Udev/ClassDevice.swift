import Host
import PCI
import Sysfs

/// A device of a class that belongs to a PCI function, as udev's rules and other settings name it.
public struct ClassDevice: Sendable, Equatable {
  /// `net`, `drm`.
  public let subsystem: String
  public let name: String
  public let function: Address
  /// Of an interface, in lower case.
  public let hardwareAddress: String?

  public init(_ subsystem: String, _ name: String, of function: Address, hardwareAddress: String? = nil) {
    self.subsystem = subsystem
    self.name = name
    self.function = function
    self.hardwareAddress = hardwareAddress
  }

  /// By the links of class folders, whose text has the whole path of the device.
  static func all(_ sysfs: any Sysfs) -> [ClassDevice] {
    ["net", "drm", "accel", "infiniband", "nvme"].flatMap { subsystem in
      sysfs.names(in: "/sys/class/\(subsystem)").sorted().compactMap { name in
        let path = "/sys/class/\(subsystem)/\(name)"
        guard let target = try? sysfs.linkTarget(path) else { return nil }
        let parts = target.split(separator: "/")
        guard let function = parts.compactMap({ Address($0) }).last else { return nil }
        let own = subsystem == "net" ? sysfs.fact("\(path)/address").value?.lowercased() : nil
        return ClassDevice(subsystem, name, of: function, hardwareAddress: own)
      }
    }
  }
}
