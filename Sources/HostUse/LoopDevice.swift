import Sysfs

/// A loop device and the file behind it.
struct LoopDevice: Sendable {
  let name: String
  let file: String
  /// Place of the mount that the file is on.
  let mount: Int?

  /// All that are set up: `loop/backing_file` is there only while one is.
  static func all(_ sysfs: any Sysfs, _ mounts: MountTable) -> [LoopDevice] {
    sysfs.names(in: "/sys/class/block").filter { $0.hasPrefix("loop") }.compactMap { name in
      guard let text = sysfs.fact("/sys/class/block/\(name)/loop/backing_file").value, !text.isEmpty else { return nil }
      // The kernel says so of a file that was unlinked meanwhile.
      let file = text.hasSuffix(" (deleted)") ? String(text.dropLast(10)) : text
      return LoopDevice(name: name, file: file, mount: mounts.place(holding: file))
    }
  }
}
