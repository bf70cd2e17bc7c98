import Sysfs

/// A loop device and the file behind it.
struct LoopDevice: Sendable {
  let name: String
  let file: String

  /// All that are set up: `loop/backing_file` is there only while one is.
  static func all(_ sysfs: any Sysfs) -> [LoopDevice] {
    sysfs.names(in: "/sys/class/block").filter { $0.hasPrefix("loop") }.compactMap { name in
      guard let file = sysfs.fact("/sys/class/block/\(name)/loop/backing_file").value, !file.isEmpty else { return nil }
      // The kernel says so of a file that was unlinked meanwhile.
      return LoopDevice(name: name, file: file.hasSuffix(" (deleted)") ? String(file.dropLast(10)) : file)
    }
  }
}
