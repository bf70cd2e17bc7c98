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

  /// A device or file of `/proc/swaps`.
  struct Swap: Sendable {
    let path: String
    /// Of a file: place of the mount that it is on.
    let mount: Int?
  }

  let swaps: [Swap]
  let exports: [(export: KernelExport, mount: Int?)]
  let entries: [Entry]
  /// By the source that a btrfs is mounted by, the kernel names of all its devices: `/sys/fs/btrfs/UUID/devices`.
  private let volumes: [String: Set<String>]
  /// By UUID, the kernel names of the devices of every btrfs that is mounted somewhere.
  private let members: [(uuid: String, devices: Set<String>)]
  /// Names of the ZFS pools that are imported.
  let pools: Set<String>
  let boot: BootRecord

  init(_ sysfs: any Sysfs, _ mounts: MountTable) {
    swaps = sysfs.lines("/proc/swaps").dropFirst().compactMap { line in
      let fields = words(line)
      guard fields.count >= 2 else { return nil }
      let path = unescaped(fields[0])
      return Swap(path: path, mount: fields[1] == "file" ? mounts.place(holding: path) : nil)
    }
    exports = KernelExport.all(sysfs).map { export in
      (export, export.path.hasPrefix("/dev/") ? nil : mounts.place(holding: export.path))
    }
    pools = Self.importedPools(sysfs, mounts)
    boot = BootRecord(sysfs)
    members = sysfs.names(in: "/sys/fs/btrfs").map { uuid in
      (uuid, Set(sysfs.names(in: "/sys/fs/btrfs/\(uuid)/devices")))
    }
    var volumes: [String: Set<String>] = [:]
    for mount in mounts.compound.map({ mounts.mounts[$0] }) where mount.type == "btrfs" {
      // `/dev/mapper/vg-root` is a link to the node with the kernel's name.
      let name = (try? sysfs.linkName(mount.source)) ?? lastName(mount.source)
      volumes[mount.source] = members.first { $0.devices.contains(name) }?.devices
    }
    self.volumes = volumes
    var entries: [Entry] = []
    for fields in Self.fields(sysfs, "/etc/fstab") where fields.count >= 3 {
      let point = fields[2] == "swap" ? "swap" : unescaped(fields[1])
      entries.append(Entry(device: Self.device(fields[0]), point: point, detail: point))
      for device in Self.further(fields.count > 3 ? fields[3] : "") {
        entries.append(Entry(device: device, point: point, detail: point))
      }
    }
    for fields in Self.fields(sysfs, "/etc/crypttab") where fields.count >= 2 {
      let detail = "\(fields[0]) in crypttab"
      entries.append(Entry(device: Self.device(fields[1]), point: "", detail: detail))
      // A key may lie on a device of its own: `/key:LABEL=stick`.
      if let key = fields.dropFirst(2).first, let colon = key.lastIndex(of: ":") {
        entries.append(
          Entry(device: Self.device(String(key[key.index(after: colon)...])), point: "", detail: "key of \(detail)"))
      }
      for device in Self.further(fields.count > 3 ? fields[3] : "") {
        entries.append(Entry(device: device, point: "", detail: detail))
      }
    }
    self.entries = entries
  }

  /// Every ZFS pool that the kernel has, mounted or not (`/proc/spl/kstat/zfs/POOL/state`), and those of mounts.
  private static func importedPools(_ sysfs: any Sysfs, _ mounts: MountTable) -> Set<String> {
    let folder = "/proc/spl/kstat/zfs"
    let shown = ((try? sysfs.folders(folder)) ?? []).filter { sysfs.fact("\(folder)/\($0)/state").value != nil }
    let mounted = mounts.compound.map { mounts.mounts[$0] }.filter { $0.type == "zfs" }
    return Set(shown + mounted.compactMap { $0.source.split(separator: "/").first.map(String.init) })
  }

  /// The imported pool that a layer is a member of, by the signature that udev found: its label is the pool.
  func pool(of layer: BlockLayer) -> String? {
    guard layer.record?["ID_FS_TYPE"] == "zfs_member", let label = layer.record?["ID_FS_LABEL"] else { return nil }
    return pools.contains(label) ? label : nil
  }

  /// UUID of the btrfs that has this device. The kernel shows it only while the file system is mounted somewhere.
  func volume(of layer: BlockLayer) -> String? { members.first { $0.devices.contains(layer.name) }?.uuid }

  /// Whether a file system on several devices, mounted here by another one's name, has this one too.
  func isMember(_ layer: BlockLayer, of mount: Mount) -> Bool {
    switch mount.type {
    case "btrfs": return volumes[mount.source]?.contains(layer.name) == true
    case "zfs":
      // The source is pool/dataset; udev knows a member's pool by its label.
      return pool(of: layer).map { $0 == mount.source.split(separator: "/").first.map(String.init) } ?? false
    default: return false
    }
  }

  private static func fields(_ sysfs: any Sysfs, _ path: String) -> [[String]] {
    sysfs.lines(path).map(words).filter { $0.first?.hasPrefix("#") == false }
  }

  /// `UUID="…"` is allowed too; the tag's name is not case sensitive.
  private static func device(_ field: String) -> String {
    let tag = deviceTag(unescaped(field).replacing("\"", with: ""))
    return tag.hasPrefix("ID=") ? "/dev/disk/by-id/" + tag.dropFirst(3) : tag
  }

  /// Devices that options name besides: members of a btrfs, journals of XFS and ext4, a detached LUKS header.
  private static func further(_ options: String) -> [String] {
    options.split(separator: ",").compactMap { option in
      ["device=", "logdev=", "rtdev=", "journal_path=", "header="].first { option.hasPrefix($0) }.map {
        device(String(option.dropFirst($0.utf8.count)))
      }
    }
  }
}
