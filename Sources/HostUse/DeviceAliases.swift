import Sysfs

/// The links that udev made in `/dev/disk`, for where its own database is not there.
struct DeviceAliases: Sendable {
  private var aliases: [String: [String]] = [:]

  init(_ sysfs: any Sysfs) {
    let tags = ["by-uuid": "UUID", "by-label": "LABEL", "by-partuuid": "PARTUUID", "by-partlabel": "PARTLABEL"]
    for folder in sysfs.names(in: "/dev/disk") {
      for name in sysfs.names(in: "/dev/disk/\(folder)") {
        guard let device = try? sysfs.linkName("/dev/disk/\(folder)/\(name)") else { continue }
        aliases[device, default: []].append("/dev/disk/\(folder)/\(name)")
        if let tag = tags[folder] { aliases[device, default: []].append(deviceTag("\(tag)=\(name)")) }
      }
    }
  }

  /// Paths and tags of a block device by the kernel's name.
  func names(of device: String) -> [String] { aliases[device] ?? [] }
}
