import Host
import Settings
import Sysfs

/// A storage function without a driver shows no disk; what names a disk by the function's place means it all the same:
/// `/dev/disk/by-path/pci-0000:01:00.0-nvme-1-part2`.
struct StorageByPath {
  let entries: [StorageEntry]

  func uses(of function: FunctionWithDevices) -> [Use] {
    guard function.function.driver.isAbsent, function.function.classCode.value?.isStorage == true else { return [] }
    let start = "/dev/disk/by-path/pci-\(function.address)-"
    return entries.filter { $0.device.hasPrefix(start) }.map { entry in
      Use(
        entry.use(of: entry.device), of: function.address,
        chain: ["\(function.address)", lastName(entry.device)], source: entry.source, isVital: entry.isVital)
    }
  }
}
