import Sysfs

/// A block device that a function carries: its disk, a partition of it, or what is stacked on those.
struct BlockLayer: Sendable {
  enum Kind: Sendable { case disk, partition, stacked }

  let kind: Kind
  /// The kernel's name, `dm-0`.
  let name: String
  let number: DeviceNumber
  /// Its folder, by which its partitions and holders are found.
  let path: String
  /// The name that people use: `/dev/mapper/vg0-root`.
  let subject: String
  /// What device mapper, md or its user calls it beside the kernel's name: `vg0-root` of `dm-0`.
  let label: String?
  /// From the function to here.
  let chain: [String]
  /// Index of the layer below.
  let parent: Int?
  /// Every path and tag (`UUID=…`) that means this device.
  let names: Set<String>
  let record: UdevRecord?
}

extension BlockLayer {
  /// What is written on it, by udev's record, else by the links that udev made of a record that is not there.
  var signature: String? {
    record?.signature ?? (record == nil ? names.filter { !$0.hasPrefix("/") && !$0.hasPrefix("PART") }.min() : nil)
  }

  /// The ZFS pool that it is a member of, by the label that udev found.
  var poolLabel: String? { record?["ID_FS_TYPE"] == "zfs_member" ? record?["ID_FS_LABEL"] : nil }

  /// A member of a ZFS pool whose label does not name the pool: a cache or spare.
  var isUnnamedPoolMember: Bool { record?["ID_FS_TYPE"] == "zfs_member" && record?["ID_FS_LABEL"] == nil }

  /// bcache makes a folder of its own in each device that it has registered, a cache without a disk behind it too.
  func isCacheMember(_ sysfs: any Sysfs) -> Bool {
    // Of the device that it makes of them, `bcache` is a link.
    (try? sysfs.linkTarget("\(path)/bcache")) == nil && sysfs.exists("\(path)/bcache")
  }
}
