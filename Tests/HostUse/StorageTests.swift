import Host
import PCI
import Testing

@Suite("What stands on a function's disks")
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
    #expect(host.evidence().unknown.isEmpty)
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
      lines.contains("swap /dev/nvme0n1p2 /dev/nvme0n1p2: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p2 !"))
    #expect(lines.contains("swap /dev/nvme0n1p1 /data/a b: 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1 !"))
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
    try host.link("\(subsystem)/nvme0", "\(host.card)/nvme/nvme0")
    #expect(host.evidence().unknown.map(\.area) == [.storage])
    try host.device("\(subsystem)/nvme0n1", "block", number: "259:0", type: "disk")
    try host.device("\(subsystem)/nvme0n1/nvme0n1p1", "block", number: "259:1", type: "partition")
    try host.file("/proc/self/mountinfo", "22 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(
      host.evidence().lines == ["mount /dev/nvme0n1p1 /: 0000:02:00.0 > nvme0 > nvme-subsys0 > nvme0n1 > nvme0n1p1 !"])
    #expect(host.evidence().unknown.isEmpty)
  }

  @Test("a controller that verifiably has no namespaces is no doubt")
  func noNamespaces() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/nvme/nvme0", "nvme", number: "240:0")
    try host.link("/sys/class/nvme-subsystem/nvme-subsys0/nvme0", "\(host.card)/nvme/nvme0")
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
}
