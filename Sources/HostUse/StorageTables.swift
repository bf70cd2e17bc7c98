import Sysfs

/// What the host has written down of its storage: swap in use, `fstab`, `crypttab`, members of file systems on
/// several devices.
struct StorageTables: Sendable {
  /// One line of `fstab(5)` or `crypttab(5)`.
  struct Entry: Sendable {
    /// A path, or a tag such as `UUID=…`, without quotes.
    let device: String
    /// Mount point; `swap`; empty for crypttab.
    let point: String
    let detail: String
  }

  /// Paths of devices and files, from `/proc/swaps`.
  let swaps: [String]
  let entries: [Entry]
  /// Kernel names of the devices of each mounted btrfs, from `/sys/fs/btrfs/UUID/devices`.
  private let volumes: [Set<String>]

  init(_ sysfs: any Sysfs) {
    swaps = sysfs.lines("/proc/swaps").dropFirst().compactMap { words($0).first.map(unescaped) }
    volumes = sysfs.names(in: "/sys/fs/btrfs").map { Set(sysfs.names(in: "/sys/fs/btrfs/\($0)/devices")) }
      .filter { !$0.isEmpty }
    var entries: [Entry] = []
    for fields in Self.fields(sysfs, "/etc/fstab") where fields.count >= 3 {
      let point = fields[2] == "swap" ? "swap" : unescaped(fields[1])
      entries.append(Entry(device: Self.device(fields[0]), point: point, detail: point))
    }
    for fields in Self.fields(sysfs, "/etc/crypttab") where fields.count >= 2 {
      entries.append(Entry(device: Self.device(fields[1]), point: "", detail: "\(fields[0]) in crypttab"))
    }
    self.entries = entries
  }

  /// Whether a file system on several devices, mounted here by another one's name, has this one too.
  func isMember(_ layer: BlockLayer, of mount: Mount) -> Bool {
    switch mount.type {
    case "btrfs":
      let source = lastComponent(mount.source)
      return volumes.contains { $0.contains(layer.name) && $0.contains(source) }
    case "zfs":
      // The source is pool/dataset; udev knows a member's pool by its label.
      return layer.record?["ID_FS_TYPE"] == "zfs_member"
        && layer.record?["ID_FS_LABEL"] == mount.source.split(separator: "/").first.map(String.init)
    default: return false
    }
  }

  private static func fields(_ sysfs: any Sysfs, _ path: String) -> [[String]] {
    sysfs.lines(path).map(words).filter { $0.first?.hasPrefix("#") == false }
  }

  /// `UUID="…"` is allowed too; the tag's name is not case sensitive.
  private static func device(_ field: String) -> String {
    let text = unescaped(field).replacing("\"", with: "")
    guard !text.hasPrefix("/"), let equals = text.firstIndex(of: "=") else { return text }
    return text[..<equals].uppercased() + text[equals...]
  }
}
