import Host
import PCI
import Testing

@Suite("What uses a function's disks")
struct StorageTests {
  @Test("a root file system on a partition is found with its chain, and is vital")
  func rootOnPartition() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file("/proc/self/mountinfo", "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw\n")
    #expect(
      host.evidence().lines == [
        "mount /dev/nvme0n1p2 /: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p2 !",
        "partition /dev/nvme0n1p1 partition: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1",
      ])
    // The data on the unused partition is unknown; the use of the other one is known.
    #expect(host.evidence().unknown.map(\.area) == [.data])
  }

  @Test("a disk that nothing uses is still a block device")
  func idleDisk() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    #expect(host.evidence().lines == ["block /dev/nvme0n1 disk: 0000:02:00.0 > nvme0 > nvme0n1"])
  }

  @Test("LVM on crypt on md is followed to the mount")
  func deepStack() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.stacked("md0", on: ["nvme0n1p1"], number: "9:0")
    try host.stacked("dm-0", on: ["md0"], number: "254:0", mapped: "cr")
    try host.stacked("dm-1", on: ["dm-0"], number: "254:1", mapped: "vg0-my--root")
    try host.file("/proc/self/mountinfo", "22 1 0:40 /@ /srv rw - btrfs /dev/mapper/vg0-my--root rw\n")
    try host.file("/etc/fstab", "/dev/vg0/my-root /srv btrfs subvol=@ 0 0\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 > md0 > dm-0 (cr) > dm-1 (vg0-my--root)"
    let lines = host.evidence().lines
    #expect(lines.contains("mount /dev/mapper/vg0-my--root /srv: \(chain)"))
    #expect(lines.contains("fstab /dev/mapper/vg0-my--root /srv: \(chain)"))
    #expect(lines.contains("holder /dev/nvme0n1p1 md0: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 > md0"))
  }

  @Test("an md on two partitions of one disk is the holder of both")
  func mirror() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.stacked("md0", on: ["nvme0n1p1", "nvme0n1p2"], number: "9:0")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    #expect(
      host.evidence().lines == [
        "holder /dev/nvme0n1p1 md0: \(chain) > nvme0n1p1 > md0",
        "holder /dev/nvme0n1p2 md0: \(chain) > nvme0n1p2 > md0",
      ])
  }

  @Test("swap, as partition or as file, is vital")
  func swap() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file("/proc/self/mountinfo", "22 1 259:1 / /data rw - ext4 /dev/nvme0n1p1 rw\n")
    try host.file(
      "/proc/swaps",
      "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n/data/a\\040b file 1 0 -3\n")
    let lines = host.evidence().lines
    #expect(
      lines.contains("swap /dev/nvme0n1p2 swap: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p2 !"))
    #expect(lines.contains("swap /dev/nvme0n1p1 /data/a b: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 !"))
  }

  @Test("memory that is written back to a disk, and mount units")
  func backing() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file("/sys/class/block/zram0/backing_dev", "/dev/nvme0n1p2\n")
    try host.file("/sys/class/block/zram1/backing_dev", "none\n")
    try host.file("/proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n")
    let unit = "/etc/systemd/system/srv.mount"
    try host.file(unit, "[Unit]\n[Mount]\nWhat=/dev/nvme0n1p1\nWhere=/srv\nType=ext4\n")
    func lines() -> [String] { host.evidence().lines }
    let held = "holder /dev/nvme0n1p2 zram0: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p2 !"
    #expect(lines().contains(held))
    // Nothing starts the unit.
    #expect(!lines().contains { $0.contains("/srv") })
    try host.file("/etc/systemd/system/local-fs.target.wants/srv.automount", "")
    #expect(lines().contains { $0.hasPrefix("fstab /dev/nvme0n1p1 /srv") })
  }

  @Test("a loop device on a file of the disk carries on, and another mount that hides the path ends it")
  func loopFile() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.stacked("loop0", on: [], number: "7:0")
    try host.file("/sys/devices/virtual/block/loop0/loop/backing_file", "/data/disk.img\n")
    let disk = "22 1 259:1 / /data rw - ext4 /dev/nvme0n1p1 rw\n23 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n"
    try host.file("/proc/self/mountinfo", disk)
    let chain = "0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 > loop0 (/data/disk.img)"
    #expect(host.evidence().lines.contains("mount /dev/loop0 /mnt: \(chain)"))
    try host.file("/proc/self/mountinfo", disk + "24 22 0:50 / /data rw - tmpfs none rw\n")
    #expect(!host.evidence().lines.contains("mount /dev/loop0 /mnt: \(chain)"))
  }

  @Test("native multipath: the disks are found in the subsystem, not below the function")
  func multipath() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/nvme/nvme0", "nvme", number: "240:0")
    try host.device("\(host.card)/nvme/nvme0/nvme0c0n1", "block")
    let subsystem = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0"
    #expect(host.evidence().unknown.map(\.area) == [.storage])
    try host.device(subsystem, "nvme-subsystem")
    try host.link("\(subsystem)/nvme0", to: "\(host.card)/nvme/nvme0")
    #expect(host.evidence().unknown.map(\.area) == [.storage])
    try host.device("\(subsystem)/nvme0n1", "block", number: "259:0", type: "disk")
    try host.device("\(subsystem)/nvme0n1/nvme0n1p1", "block", number: "259:1", type: "partition")
    try host.file("/proc/self/mountinfo", "22 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(
      host.evidence().lines == ["mount /dev/nvme0n1p1 /: 0000:02:00.0 > nvme0 > nvme-subsys0 > nvme0n1 > nvme0n1p1 !"])
    #expect(host.evidence().unknown.isEmpty)
  }

  @Test("a controller that verifiably has no namespaces leaves no doubt")
  func noNamespaces() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/nvme/nvme0", "nvme", number: "240:0")
    try host.link("/sys/class/nvme-subsystem/nvme-subsys0/nvme0", to: "\(host.card)/nvme/nvme0")
    #expect(host.evidence() == Usage())
    try host.file("\(host.card)/nvme/nvme0/state", "connecting\n")
    #expect(host.evidence().unknown.map(\.area) == [.storage])
  }

  @Test("a storage function on a driver, with no controller to be seen, is unknown; unbound or on VFIO it is not")
  func unlistable() throws {
    let host = try CapturedHost()
    #expect(host.evidence().unknown.map(\.area) == [.storage])
    #expect(host.evidence(driver: .absent) == Usage())
    #expect(host.evidence(driver: .known("vfio-pci")) == Usage())
    #expect(host.evidence(classCode: 0x120000) == Usage())
  }

  @Test("what the kernel serves to others, by node or by file, is in use")
  func exports() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    let config = "/sys/kernel/config"
    try host.file("\(config)/nvmet/subsystems/nqn.x/namespaces/1/device_path", "/dev/nvme0n1p1\n")
    try host.file("\(config)/nvmet/subsystems/nqn.x/namespaces/1/enable", "1\n")
    try host.file("\(config)/target/core/fileio_0/img/udev_path", "/srv/img\n")
    try host.file("/proc/self/mountinfo", "1 0 259:2 / /srv rw - ext4 /dev/nvme0n1p2 rw\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    #expect(
      host.evidence().lines == [
        "holder /dev/nvme0n1p1 nvmet nqn.x: \(chain) > nvme0n1p1", "mount /dev/nvme0n1p2 /srv: \(chain) > nvme0n1p2",
        "holder /dev/nvme0n1p2 SCSI target fileio_0/img: \(chain) > nvme0n1p2",
      ])
  }

  @Test("fstab and crypttab by the tags of udev's record; a member that nothing uses is a signature")
  func tags() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 4)
    try host.file(
      "/run/udev/data/b259:1",
      "S:disk/by-id/nvme-x-part1\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=aa-1\nE:ID_PART_ENTRY_UUID=pp-1\n")
    try host.file("/run/udev/data/b259:2", "E:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_UUID=aa-2\n")
    try host.file("/run/udev/data/b259:3", "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_UUID=aa-3\n")
    try host.file(
      "/run/udev/data/b259:4", "E:ID_FS_TYPE=vfat\nE:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n")
    try host.file(
      "/etc/fstab", "# note\nPARTUUID=\"pp-1\" /boot ext4 noauto 0 2\n/dev/disk/by-id/nvme-x-part1 /x ext4 noauto 0 2\n"
    )
    try host.file("/etc/crypttab", "cr UUID=aa-2 none luks\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    #expect(
      host.evidence().lines == [
        "fstab /dev/nvme0n1p1 /boot: \(chain) > nvme0n1p1 !", "fstab /dev/nvme0n1p1 /x: \(chain) > nvme0n1p1",
        "fstab /dev/nvme0n1p2 cr in crypttab: \(chain) > nvme0n1p2",
        "signature /dev/nvme0n1p3 LVM2_member: \(chain) > nvme0n1p3",
        "partition /dev/nvme0n1p3 partition: \(chain) > nvme0n1p3",
        "signature /dev/nvme0n1p4 EFI system partition: \(chain) > nvme0n1p4",
        "partition /dev/nvme0n1p4 partition: \(chain) > nvme0n1p4",
      ])
  }

  @Test("every member of a btrfs is in use, also if another one's name is mounted")
  func btrfsMembers() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.link("/dev/mapper/other", to: "../dm-9")
    try host.link("/sys/fs/btrfs/aa/devices/dm-9", to: "../../../../devices/virtual/block/dm-9")
    try host.link("/sys/fs/btrfs/aa/devices/nvme0n1p1", to: "../../../../class/block/nvme0n1p1")
    try host.file("/proc/self/mountinfo", "1 0 0:33 /@ / rw - btrfs /dev/mapper/other rw\n")
    #expect(host.evidence().lines == ["mount /dev/nvme0n1p1 /: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 !"])
  }

  @Test("the only btrfs there is was mounted by the kernel itself, as /dev/root")
  func btrfsWithoutInitramfs() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.link("/sys/fs/btrfs/aa/devices/nvme0n1p1", to: "../../../../class/block/nvme0n1p1")
    try host.file("/proc/self/mountinfo", "1 0 0:33 / / rw - btrfs /dev/root rw\n")
    #expect(host.evidence().lines == ["mount /dev/nvme0n1p1 /: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 !"])
  }

  @Test("an overlay as the root directory: what it is made of is vital, another mount is not")
  func overlay() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file(
      "/proc/self/mountinfo",
      """
      1 0 0:33 / / rw - overlay overlayroot rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/up,workdir=/media/root-rw/w
      2 1 259:1 / /media/root-ro ro - ext4 /dev/nvme0n1p1 ro
      3 1 0:34 / /media/root-rw rw - tmpfs tmpfs rw
      4 1 259:2 / /srv rw - ext4 /dev/nvme0n1p2 rw

      """)
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    #expect(
      host.evidence().lines == [
        "mount /dev/nvme0n1p1 /media/root-ro: \(chain) > nvme0n1p1 !",
        "mount /dev/nvme0n1p2 /srv: \(chain) > nvme0n1p2",
      ])
  }

  @Test("a log or journal on a device of its own is in use")
  func journals() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 3)
    try host.file(
      "/proc/self/mountinfo",
      "2 1 8:1 / /a rw - xfs /dev/sda1 rw,logdev=/dev/nvme0n1p1,noquota\n3 1 8:2 / /b rw - ext4 /dev/sda2 rw\n")
    try host.folder("/proc/fs/jbd2/nvme0n1p2")
    // Of this one the journal is inside.
    try host.folder("/proc/fs/jbd2/nvme0n1p3-8")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    let found = host.evidence()
    #expect(
      found.lines.filter { !found.idle.contains { $0.hasPrefix("partition") } || !$0.hasPrefix("partition") } == [
        "mount /dev/nvme0n1p1 /a: \(chain) > nvme0n1p1",
        "holder /dev/nvme0n1p2 the journal of a file system that is mounted: \(chain) > nvme0n1p2",
      ])
  }

  @Test("a member of a mounted ZFS pool is in use; without udev's record it cannot be told")
  func zfs() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.file("/proc/self/mountinfo", "1 0 0:33 / / rw - zfs tank/root rw\n")
    #expect(host.evidence().unknown.map(\.area).contains(.storage))
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n")
    #expect(host.evidence().lines == ["pool /dev/nvme0n1 /: 0000:02:00.0 > nvme0 > nvme0n1 !"])
    #expect(host.evidence().unknown.isEmpty)
  }

  @Test("a ZFS pool that is imported and not mounted is in use")
  func importedPool() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n")
    #expect(host.evidence().idle == ["signature /dev/nvme0n1", "block /dev/nvme0n1"])
    try host.file("/proc/spl/kstat/zfs/tank/state", "ONLINE\n")
    #expect(host.evidence().lines == ["pool /dev/nvme0n1 tank, imported: 0000:02:00.0 > nvme0 > nvme0n1"])
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=other\n")
    #expect(host.evidence().idle == ["signature /dev/nvme0n1", "block /dev/nvme0n1"])
  }

  /// `zpool.cache`: names and values, each behind its length.
  private func cache(_ host: CapturedHost, _ words: String...) throws {
    var bytes: [UInt8] = []
    for word in words {
      bytes += [0, 0, 0, UInt8(word.utf8.count)]
      bytes += Array(word.utf8)
      bytes += [0, 0, 0, 0]
    }
    try host.file("/etc/zfs/zpool.cache", [1, 1, 0, 0] + bytes)
  }

  @Test("the label of a cache or spare has no pool's name: its path in zpool.cache tells whose it is")
  func poolHelpers() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.file("/proc/spl/kstat/zfs/tank/state", "ONLINE\n")
    try host.file("/run/udev/data/b259:0", "E:ID_PART_TABLE_TYPE=gpt\n")
    try host.file("/run/udev/data/b259:1", "S:disk/by-id/nvme-L2-part1\nE:ID_FS_TYPE=zfs_member\n")
    for (list, role) in [("l2cache", "cache"), ("spares", "spare")] {
      try cache(
        host, "other", "name", "other", "path", "/dev/sdz", "tank", "name", "tank", "vdev_tree", "children", "path",
        "/dev/sda1", list, "path", "/dev/disk/by-id/nvme-L2-part1")
      #expect(
        host.evidence().lines == [
          "pool /dev/disk/by-id/nvme-L2-part1 tank, \(role): 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1"
        ])
      let finding = try #require(FindingTests.findings(.rootStorage, host.evidence()).first)
      #expect(finding.remedy.hasPrefix("zpool remove tank /dev/disk/by-id/nvme-L2-part1;") && finding.isForceable)
      #expect(FindingTests.findings(.hasData, host.evidence()).isEmpty)
    }
    // Not imported now: the next boot does it.
    try host.remove("/proc/spl")
    #expect(
      FindingTests.findings(.rootStorage, host.evidence()).first?.evidence.first?.value.contains("spare of pool tank")
        == true)
  }

  @Test("without udev's record the path in zpool.cache tells a member, and the pool of the root file system is vital")
  func memberByPath() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.file("/proc/self/mountinfo", "1 0 0:33 / / rw - zfs tank/root rw\n")
    try cache(host, "tank", "name", "tank", "vdev_tree", "children", "path", "/dev/nvme0n1")
    #expect(host.evidence().lines == ["pool /dev/nvme0n1 tank, imported: 0000:02:00.0 > nvme0 > nvme0n1 !"])
    try cache(
      host, "tank", "name", "tank", "vdev_tree", "children", "path", "/dev/sda", "l2cache", "path", "/dev/nvme0n1")
    #expect(host.evidence().lines == ["pool /dev/nvme0n1 tank, cache: 0000:02:00.0 > nvme0 > nvme0n1"])
  }

  @Test("a ZFS member without a pool's name may be a helper of any imported pool: that is unknown, not unused")
  func unnamedMember() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=zfs_member\n")
    #expect(FindingTests.findings(.hasData, host.evidence()).count == 1)
    try host.file("/proc/spl/kstat/zfs/tank/state", "ONLINE\n")
    #expect(FindingTests.findings(.hasData, host.evidence()).isEmpty)
    #expect(
      FindingTests.findings(.unknownStorage, host.evidence()).first?.evidence.first?.value.hasSuffix(
        "/dev/nvme0n1 is a cache or spare of a ZFS pool whose name its label does not have; imported: tank") == true)
  }

  @Test("the members of a btrfs are in use, also if no table shows that it is mounted")
  func unseenVolume() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.link("/sys/fs/btrfs/aa/devices/nvme0n1", to: "../../../../class/block/nvme0n1")
    #expect(
      host.evidence().lines == [
        "holder /dev/nvme0n1 btrfs aa, mounted where it cannot be seen: 0000:02:00.0 > nvme0 > nvme0n1"
      ])
  }

  @Test("bcache: the device made of a partition is followed; a cache without one is held all the same")
  func bcache() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.stacked("bcache0", on: ["nvme0n1p1"], number: "252:0")
    let disk = "\(host.card)/nvme/nvme0/nvme0n1"
    try host.link("/sys/devices/virtual/block/bcache0/bcache", to: "\(disk)/nvme0n1p1/bcache")
    for part in ["nvme0n1p1", "nvme0n1p2"] { try host.file("\(disk)/\(part)/bcache/state", "clean\n") }
    try host.file("/proc/self/mountinfo", "1 0 252:0 / /srv rw - ext4 /dev/bcache0 rw\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    #expect(
      host.evidence().lines == [
        "holder /dev/nvme0n1p1 bcache0: \(chain) > nvme0n1p1 > bcache0",
        "holder /dev/nvme0n1p2 bcache: \(chain) > nvme0n1p2",
        "mount /dev/bcache0 /srv: \(chain) > nvme0n1p1 > bcache0",
      ])
  }

  @Test("md and device mapper have both names in the chain")
  func bothNames() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.stacked("md127", on: ["nvme0n1p1"], number: "9:127")
    try host.file("/run/udev/data/b9:127", "S:md/root\nE:MD_DEVNAME=root\n")
    try host.stacked("dm-0", on: ["md127"], number: "254:0", mapped: "vg0-root")
    try host.file("/etc/fstab", "/dev/md/root /x ext4 noauto 0 0\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 > md127 (root)"
    let lines = host.evidence().lines
    #expect(lines.contains("holder /dev/md127 dm-0 (vg0-root): \(chain) > dm-0 (vg0-root)"), "\(lines)")
    #expect(lines.contains("fstab /dev/md127 /x: \(chain)"))
  }

  @Test(
    "fstab and crypttab find a partition by every name",
    arguments: [
      "/dev/nvme0n1p1", "/dev/disk/by-id/nvme-x-part1", "/dev/disk/by-path/p-1", "UUID=AA-1", "uuid=\"aa-1\"",
      "LABEL=my\\040disk", "PARTUUID=PP-1", "PARTLABEL=first\\040part", "ID=nvme-x-part1",
      "/dev/disk/by-label/my\\x20disk",
    ])
  func everyName(_ name: String) throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.file(
      "/run/udev/data/b259:1",
      """
      S:disk/by-id/nvme-x-part1
      S:disk/by-path/p-1
      S:disk/by-label/my\\x20disk
      E:ID_FS_TYPE=ext4
      E:ID_FS_UUID=aa-1
      E:ID_FS_LABEL=my_disk
      E:ID_FS_LABEL_ENC=my\\x20disk
      E:ID_PART_ENTRY_UUID=pp-1
      E:ID_PART_ENTRY_NAME=first\\x20part

      """)
    let chain = "0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1"
    try host.file("/etc/fstab", "\(name) /boot ext4 noauto 0 2\n")
    #expect(host.evidence().lines == ["fstab /dev/nvme0n1p1 /boot: \(chain) !"])
    try host.file("/etc/fstab", "/dev/sdz /x btrfs noauto,device=\(name) 0 2\n")
    #expect(host.evidence().lines == ["fstab /dev/nvme0n1p1 /x: \(chain)"])
    try host.file("/etc/fstab", "")
    try host.file("/etc/crypttab", "cr \(name) none luks\n")
    #expect(host.evidence().lines == ["fstab /dev/nvme0n1p1 cr in crypttab: \(chain)"])
    try host.file("/etc/crypttab", "cr /dev/sdz /key:\(name) luks\n")
    #expect(host.evidence().lines == ["fstab /dev/nvme0n1p1 key of cr in crypttab: \(chain)"])
  }

  @Test("the partition that the machine was started from is vital, mounted or not; another EFI partition is not")
  func startedFrom() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    let esp = "E:ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b\nE:ID_FS_TYPE=vfat\n"
    try host.file("/run/udev/data/b259:1", esp + "E:ID_PART_ENTRY_UUID=00112233-4455-6677-8899-aabbccddeeff\n")
    try host.file("/run/udev/data/b259:2", esp + "E:ID_PART_ENTRY_UUID=11111111-4455-6677-8899-aabbccddeeff\n")
    let chain = "0000:02:00.0 > nvme0 > nvme0n1"
    let other = [
      "signature /dev/nvme0n1p2 EFI system partition: \(chain) > nvme0n1p2",
      "partition /dev/nvme0n1p2 partition: \(chain) > nvme0n1p2",
    ]
    // A machine that was not started by EFI has no use for either.
    #expect(host.evidence().idle.count == 4)
    try host.file("/sys/firmware/efi/fw_platform_size", "64\n")
    let doubt = "EFI system partition; the firmware's record of what it started from is not readable"
    #expect(
      host.evidence().lines == [1, 2].map { "boot /dev/nvme0n1p\($0) \(doubt): \(chain) > nvme0n1p\($0)" })
    let own = "boot /dev/nvme0n1p1 EFI system partition that this machine was started from: \(chain) > nvme0n1p1 !"
    let loader = "/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
    let text = "00112233-4455-6677-8899-AABBCCDDEEFF".flatMap { "\($0)\0" } + "\0\0"
    try host.file(loader, "\u{6}\0\0\0" + String(text))
    #expect(host.evidence().lines == [own] + other)
    try host.file(loader, "")
    let firmware = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
    try host.file("/sys/firmware/efi/efivars/BootCurrent-\(firmware)", [6, 0, 0, 0, 0x1a, 0])
    let guid: [UInt8] = [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]
    let node = [4, 1, 42, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16) + guid + [2, 2] + [0x7f, 0xff, 4, 0]
    let option: [UInt8] = [1, 0, 0, 0, 46, 0] + [0x64, 0, 0x65, 0, 0, 0] + node
    try host.file("/sys/firmware/efi/efivars/Boot001A-\(firmware)", [7, 0, 0, 0] + option)
    #expect(host.evidence().lines == [own] + other)
    for length in 0..<option.count {
      try host.file("/sys/firmware/efi/efivars/Boot001A-\(firmware)", [7, 0, 0, 0] + option.prefix(length))
      #expect(host.evidence().uses.count >= 2)
    }
  }

  @Test("the disks behind a VMD go with it; those behind a bridge's own functions are theirs")
  func otherDomain() throws {
    let host = try CapturedHost()
    let disk = "nvme/nvme0/nvme0n1"
    try host.device("\(host.card)/pci10000:00/10000:00:01.0/10000:01:00.0", "pci")
    try host.device(
      "\(host.card)/pci10000:00/10000:00:01.0/10000:01:00.0/\(disk)", "block", number: "259:0", type: "disk")
    #expect(host.evidence().lines == ["block /dev/nvme0n1 disk: 0000:02:00.0 > 10000:01:00.0 > nvme0n1"])
    let bridge = try CapturedHost()
    try bridge.device("\(bridge.card)/0000:03:00.0/\(disk)", "block", number: "259:0", type: "disk")
    #expect(bridge.evidence(classCode: 0x060400, driver: .known("pcieport")) == Usage())
  }
}
