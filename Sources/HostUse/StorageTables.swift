import Settings
import Sysfs

/// What the host has in use of its storage beside mounts, and has written down: swap, exports, entries of its files,
/// members of file systems on several devices.
struct StorageTables: Sendable {
  /// A device or file of `/proc/swaps`.
  struct Swap: Sendable {
    let path: String
    /// Of a file: place of the mount that it is on.
    let mount: Int?
  }

  let swaps: [Swap]
  let exports: [(export: KernelExport, mount: Int?)]
  let entries: [StorageEntry]
  /// Files of those that could not be read.
  let unread: [String]
  let cache: PoolCache
  /// By the source that a btrfs is mounted by, the kernel names of all its devices: `/sys/fs/btrfs/UUID/devices`.
  private let volumes: [String: Set<String>]
  /// By UUID, the kernel names of the devices of every btrfs that is mounted somewhere.
  private let members: [(uuid: String, devices: Set<String>)]
  /// Names of the ZFS pools that are imported.
  let pools: Set<String>
  let boot: BootRecord
  /// Kernel names of the devices that hold journals of mounted ext4 file systems apart from them: an entry of
  /// `/proc/fs/jbd2` ends in an inode's number if the journal is a file inside (`sda1-8`).
  let journals: Set<String>
  /// By the path of a disk that compressed memory is written back to, that memory's device: `backing_dev` of zram.
  let backings: [String: String]

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
    journals = Set(sysfs.names(in: "/proc/fs/jbd2").map { $0.replacing("!", with: "/") })
    backings = Dictionary(
      sysfs.names(in: "/sys/class/block").filter { $0.hasPrefix("zram") }.compactMap { name in
        let path = sysfs.fact("/sys/class/block/\(name)/backing_dev").value
        return path.flatMap { $0.hasPrefix("/") ? ($0, name) : nil }
      }, uniquingKeysWith: { first, _ in first })
    members = sysfs.names(in: "/sys/fs/btrfs").map { uuid in
      (uuid, Set(sysfs.names(in: "/sys/fs/btrfs/\(uuid)/devices")))
    }
    var volumes: [String: Set<String>] = [:]
    for mount in mounts.compound.map({ mounts.mounts[$0] }) where mount.type == "btrfs" {
      // `/dev/mapper/vg-root` is a link to the node with the kernel's name.
      let name = (try? sysfs.linkName(mount.source)) ?? lastName(mount.source)
      let named = members.first { $0.devices.contains(name) }
      // The kernel calls what it mounted itself, without an initramfs, `/dev/root`.
      volumes[mount.source] = (named ?? (name == "root" && members.count == 1 ? members[0] : nil))?.devices
    }
    self.volumes = volumes
    let settings = StorageSettings(reading: sysfs)
    entries = settings.entries
    unread = settings.unread.map(\.description)
    cache = PoolCache(sysfs)
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
    layer.poolLabel.flatMap { pools.contains($0) ? $0 : nil }
  }

  /// What `/etc/zfs/zpool.cache` says of a device that no label assigns to a pool: by which path it names it.
  func member(_ layer: BlockLayer) -> (pool: String, role: String?, path: String)? {
    guard layer.poolLabel == nil, layer.record == nil || layer.isUnnamedPoolMember else { return nil }
    for name in layer.names.sorted() where name.hasPrefix("/") {
      guard let member = cache.member(named: [name]) else { continue }
      let role: String? =
        switch member.role {
        case .cache: "cache"
        case .spare: "spare"
        case .data: nil
        }
      return (member.pool, role, name)
    }
    return nil
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
}
