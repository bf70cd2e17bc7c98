/// How kernel modules and their PCI drivers are called.
public enum ModuleNames {
  /// With `_` for `-`, as `/sys/module` and modprobe's files spell it; both mean the same to modprobe, but for the
  /// brackets of a pattern.
  public static func spelled(_ name: some StringProtocol) -> String {
    var isInBrackets = false
    return String(
      name.map { character in
        if character == "[" || character == "]" { isInBrackets = character == "[" }
        return character == "-" && !isInBrackets ? "_" : character
      })
  }

  /// Letters, digits, `_` and `-`, and not first a dash: anything else is not a module's name.
  public static func isSound(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// The PCI driver that a module of mainline registers, if its name is not the module's.
  public static func renamedDriver(of module: String) -> String? { renamed[module] }

  /// The module of such a driver.
  public static func module(ofRenamed driver: String) -> String? { renamed.first { $0.value == driver }?.key }

  private static let renamed = [
    "vfio_pci": "vfio-pci", "pci_stub": "pci-stub", "xhci_pci": "xhci_hcd", "ehci_pci": "ehci-pci",
    "ohci_pci": "ohci-pci", "i2c_i801": "i801_smbus", "intel_lpss_pci": "intel-lpss", "virtio_pci": "virtio-pci",
    "sdhci_pci": "sdhci-pci", "xhci_pci_renesas": "xhci-pci-renesas",
  ]
}
