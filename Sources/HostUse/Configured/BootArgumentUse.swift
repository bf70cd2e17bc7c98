import Host
import PCI
import Settings

extension Evidence {
  /// Arguments of the running kernel that name a disk by the place of its function, as
  /// `root=/dev/disk/by-path/pci-0000:01:00.0-nvme-1` does: they tell in an initramfs, before there is any disk.
  public func bootArguments(naming address: Address) -> [Use] {
    StorageArguments.read(sysfs).filter { entry in
      entry.what.contains("pci-\(address)-") || entry.what.hasSuffix("pci-\(address)")
    }.map { entry in
      Use(
        .essential(carried: entry.what, reason: "on the kernel's command line"), of: address,
        chain: ["\(address)", entry.source.file], isVital: true)
    }
  }
}
