import Host
import PCI
import Sysfs

/// Whether the disks of a storage function could be enumerated for certain.
struct StorageDoubt {
  let sysfs: any Sysfs
  let mounts: MountTable
  /// ZFS pools that are imported.
  let pools: Set<String>

  func doubts(_ function: FunctionWithDevices) -> [UnknownUse] {
    let isStorage = function.function.classCode.value?.isStorage == true
    guard function.isHostDriven else { return [] }
    func doubt(_ reason: String) -> UnknownUse {
      UnknownUse(function: function.address, area: .storage, reason: reason)
    }
    if isStorage, !function.devices.contains(where: Self.isController) {
      return [doubt("\(function.path) shows no controller, so its disks cannot be listed")]
    }
    guard isStorage || function.hasDisks else { return [] }
    if !sysfs.exists("/sys/class/block") {
      return [doubt("/sys/class/block does not exist, so what uses its disks is unknown")]
    }
    guard function.hasDisks else { return [] }
    if mounts.isUnknown { return [doubt("no mountinfo could be read")] }
    // ZFS does not show its members as holders; udev's record of a disk does.
    if let pool = pools.sorted().first, let disk = function.layers.first(where: { $0.record == nil }) {
      return [doubt("ZFS has the pool \(pool), and udev has no record of what is on \(disk.subject)")]
    }
    return []
  }

  /// Stands below every storage function that a driver runs, disks or not: the NVMe controller, the SCSI host
  /// (AHCI's and RAID's too), the virtio device, the functions behind a VMD; or else the disk itself.
  private static func isController(_ device: ChildDevice) -> Bool {
    switch device.subsystem {
    case "nvme", "scsi", "scsi_host", "virtio", "mmc_host", "pci": true
    default: device.isBlock
    }
  }
}
