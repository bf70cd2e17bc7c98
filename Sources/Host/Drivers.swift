/// Driver names that mean something to VFIO.
public enum VFIODriver {
  public static let generic = "vfio-pci"

  /// vfio-pci and its variants (`mlx5-vfio-pci`, `hisi_acc_vfio_pci`, …) as their names go in mainline.
  public static func isVFIO(_ driver: String) -> Bool {
    driver == generic || driver.hasSuffix("-vfio-pci") || driver.hasSuffix("_vfio_pci")
      || driver.hasSuffix("vfio-pci-core")
  }

  /// Leaves a group viable, and does nothing with its function: VFIO's own and pci-stub.
  public static func leavesGroupViable(_ driver: String) -> Bool { isVFIO(driver) || driver == "pci-stub" }

  /// A function of the group that is on this driver keeps VFIO from opening it. The kernel asks the driver alone, whatever
  /// its function is (`driver_managed_dma` of `struct pci_driver`): pcieport, which drives ports and root complex event
  /// collectors, does no DMA of its own.
  public static func blocksGroup(_ driver: String) -> Bool { !leavesGroupViable(driver) && driver != "pcieport" }
}

extension DriverName {
  /// Modules are called by either sign, drivers by one of them: `vfio_pci` is `vfio-pci`.
  public static func isSame(_ one: String, _ other: String) -> Bool {
    one == other || one.replacing("_", with: "-") == other.replacing("_", with: "-")
  }
}

/// What may be a driver's name, in a record or a capture: it becomes part of a path, and a word of a command line.
public enum DriverName {
  public static func isSound(_ name: String) -> Bool {
    if name == State.any { return false }
    guard let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
  }
}
