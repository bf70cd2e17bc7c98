import Sysfs
import System

/// Device files that a process has mapped: a mapping outlives the descriptor that it was made with.
struct Mappings {
  /// Names as `/proc/PID/maps` has them, each once.
  let names: [String]

  init(_ sysfs: any Sysfs, _ process: String) {
    var names: Set<String> = []
    for line in ((try? sysfs.read("/proc/\(process)/maps")) ?? []).split(separator: UInt8(ascii: "\n")) {
      // Range, rights, offset, device and inode have no slash in them.
      guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
      let path = line[slash...]
      guard path.starts(with: "/dev/".utf8) || path.starts(with: "/sys/devices/".utf8) else { continue }
      let name = String(decoding: path, as: UTF8.self)
      names.insert(name.hasSuffix(" (deleted)") ? String(name.dropLast(10)) : name)
    }
    self.names = names.sorted()
  }

  /// Whether a process's mappings need to be read: it has a device open that is not a terminal, memory or randomness.
  /// A program that drives hardware keeps some device node open. A process without one is read only if a function has
  /// no driver, or if its driver's module is in use and no process was found (`HandleArea`).
  static func areWorthReading(of open: OpenDevices) -> Bool { open.devices.contains { !isPlain($0.name) } }

  private static func isPlain(_ name: String) -> Bool {
    let plain: Set<String> = [
      "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/console",
      "/dev/kmsg", "/dev/fuse", "/dev/pts/ptmx",
    ]
    return plain.contains(name) || name.hasPrefix("/dev/pts/") || name.hasPrefix("/dev/shm/")
  }
}
