import Settings
import Sysfs

/// The links that udev made in `/dev/disk`. Used if its own database is not there; read at the first use.
final class DeviceAliases {
  private let sysfs: any Sysfs
  private lazy var aliases = Self.read(sysfs)

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  private static func read(_ sysfs: any Sysfs) -> [String: [String]] {
    var aliases: [String: [String]] = [:]
    let tags = ["by-uuid": "UUID", "by-label": "LABEL", "by-partuuid": "PARTUUID", "by-partlabel": "PARTLABEL"]
    for folder in sysfs.names(in: "/dev/disk") {
      for name in sysfs.names(in: "/dev/disk/\(folder)") {
        guard let device = try? sysfs.linkName("/dev/disk/\(folder)/\(name)") else { continue }
        aliases[device, default: []].append("/dev/disk/\(folder)/\(name)")
        if let tag = tags[folder] { aliases[device, default: []].append(deviceTag("\(tag)=\(name)")) }
      }
    }
    return aliases
  }

  /// Paths and tags of a block device by the kernel's name.
  func names(of device: String) -> [String] { aliases[device] ?? [] }
}
