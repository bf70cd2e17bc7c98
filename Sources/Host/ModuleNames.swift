/// How kernel modules and their PCI drivers are called.
public enum ModuleNames {
  /// With `_` for `-`, as `/sys/module` and modprobe's files spell it; both mean the same to modprobe.
  public static func spelled(_ name: some StringProtocol) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }

  /// The PCI driver that a module of mainline registers, where that is not called as the module is.
  public static func renamedDriver(of module: String) -> String? { renamed[module] }

  /// The module of such a driver.
  public static func module(ofRenamed driver: String) -> String? { renamed.first { $0.value == driver }?.key }

  private static let renamed = [
    "vfio_pci": "vfio-pci", "pci_stub": "pci-stub", "xhci_pci": "xhci_hcd", "ehci_pci": "ehci-pci",
    "ohci_pci": "ohci-pci", "i2c_i801": "i801_smbus", "intel_lpss_pci": "intel-lpss", "virtio_pci": "virtio-pci",
    "sdhci_pci": "sdhci-pci", "xhci_pci_renesas": "xhci-pci-renesas",
  ]
}
