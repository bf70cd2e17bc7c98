import Settings
import Sysfs

/// What the host is told to use and has not found: it may lie inside what is not activated yet, a volume group's or an
/// array's member, or on a disk of which nothing is known.
struct UnresolvedStorage {
  let sysfs: any Sysfs
  let mounts: MountTable
  let entries: [StorageEntry]

  /// Signatures of what has other devices inside.
  private static let containers: Set<String> = [
    "LVM2_member", "linux_raid_member", "crypto_LUKS", "ddf_raid_member", "isw_raid_member", "bcache", "drbd",
    "DM_snapshot_cow", "LVM1_member",
  ]

  /// Why a use of these layers may not have been seen. `isUsed`: places of which a use is known.
  func doubts(_ stack: BlockLayers, isUsed: (BlockLayer) -> Bool) -> [String] {
    let layers = stack.layers
    let open = layers.indices.filter { place in
      let layer = layers[place]
      guard !isUsed(layer), !stack.holdings.contains(where: { $0.base == place }),
        !layers.contains(where: { $0.parent == place })
      else { return false }
      if let type = layer.record?["ID_FS_TYPE"] { return Self.containers.contains(type) }
      return layer.record == nil && layer.signature == nil
    }.map { layers[$0] }
    guard let first = open.first else { return [] }
    let what = first.signature.map { "\(first.subject) (\($0))" } ?? "\(first.subject), of which udev has no record"
    let isKnown = Set(layers.flatMap(\.names))
    return entries.filter { !$0.isOnDemand && isDevice($0.device) && !isKnown.contains($0.device) && !isThere($0) }
      .map { "\($0.place) wants \($0.device), which is not there now and may lie on \(what)" }
  }

  private func isDevice(_ device: String) -> Bool {
    device.hasPrefix("/dev/")
      || ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "ARRAY="].contains { device.hasPrefix($0) }
  }

  /// Another device of the host's is meant: it is mounted at the entry's mount point, has the name, or has the tag.
  private func isThere(_ entry: StorageEntry) -> Bool {
    if entry.point == "/" || entry.what.hasPrefix("root=") { return !mounts.isUnknown }
    if !entry.point.isEmpty, mounts.mounts.contains(where: { $0.seenBy == nil && $0.point == entry.point }) {
      return true
    }
    if entry.device.hasPrefix("/dev/") {
      return sysfs.exists(entry.device) || sysfs.exists("/sys/class/block/\(lastName(entry.device))")
        || mapped.contains(entry.device)
    }
    return tags.contains(entry.device)
  }

  /// `/dev/mapper/vg0-root` and `/dev/vg0/root` of every device mapper device that the kernel has.
  private var mapped: Set<String> {
    var found: Set<String> = []
    for name in sysfs.names(in: "/sys/class/block") where name.hasPrefix("dm-") {
      guard let mapped = sysfs.fact("/sys/class/block/\(name)/dm/name").value else { continue }
      found.insert("/dev/mapper/\(mapped)")
      if let volume = BlockLayers.logicalVolume(mapped) { found.insert(volume) }
    }
    return found
  }

  /// Tags of every block device that udev has a record of, or has made links for.
  private var tags: Set<String> {
    var found: Set<String> = []
    let aliases = DeviceAliases(sysfs)
    for name in sysfs.names(in: "/sys/class/block") {
      let number = sysfs.fact("/sys/class/block/\(name)/dev").value.flatMap { DeviceNumber($0, isBlock: true) }
      let record = number.flatMap { UdevRecord(sysfs, $0) }
      found.formUnion(record?.tags ?? aliases.names(of: name))
    }
    return found
  }
}
