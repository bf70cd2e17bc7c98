import Host
import PCI

/// What a word of the kernel's command line means to the functions of a host.
enum KernelWord {
  /// `vfio-pci.ids=` and `pci-stub.ids=`: the driver and its ids. To the kernel, `-` and `_` are the same.
  static func claim(_ word: String) -> (driver: String, ids: [ClaimedID])? {
    let parameter = KernelParameter(word)
    guard let driver = claimNames[parameter.name], let value = parameter.value else { return nil }
    return (driver, ClaimedID.list(value))
  }

  /// The parameters that give devices away by their ids, each with its driver.
  static let claimNames = ["vfio_pci.ids": VFIODriver.generic, "pci_stub.ids": "pci-stub"]

  /// The last of each parameter that gives devices away: its value takes the place of those before it.
  static func counting(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.reversed().filter { word in
      let name = KernelParameter(word).name
      return claimNames[name] == nil || seen.insert(name).inserted
    }.reversed()
  }

  /// `xen-pciback.hide=(0000:01:00.0)(0000:01:00.1)`.
  static func hidden(_ word: String) -> [Address] {
    guard word.contains("pciback.hide=") else { return [] }
    return word.split { "()=".contains($0) }.dropFirst().compactMap { text in
      Address(text.split(separator: ":").count == 2 ? "0000:\(text)" : String(text))
    }
  }

  /// Words that decide whether a host can give devices away, beside those that claim some, and what each says.
  static func meaning(_ word: String) -> String? {
    let key = String(word.prefix { $0 != "=" })
    switch ModuleNames.spelled(key) {
    case "intel_iommu", "amd_iommu", "iommu", "iommu.passthrough", "iommu.strict": return iommu(word)
    case "intremap", "nointremap": return "controls interrupt remapping"
    case "vfio_iommu_type1.allow_unsafe_interrupts": return "allows guests without interrupt remapping"
    case "video" where word.hasSuffix(":off"):
      return "turns off the console on the firmware's frame buffer; the screen stays dark until a display driver loads"
    case "initcall_blacklist" where word.contains("sysfb"):
      return "keeps the kernel off the firmware's frame buffer; the screen stays dark until a display driver loads"
    case "modprobe.blacklist", "module_blacklist", "rd.driver.blacklist":
      return "keeps modules from being loaded; a function that is released to one of these drivers stays unbound"
    case "rd.driver.pre": return "loads a module before others in the initramfs"
    case "pci" where word.contains("noats") || word.contains("realloc") || word.contains("noaer"):
      return "changes how the kernel sets up PCI"
    default: return nil
    }
  }

  private static let passthrough =
    "lets the host's devices bypass the IOMMU for speed; devices of guests stay isolated"

  private static func iommu(_ word: String) -> String {
    if isVoid(word) { return "has no effect: the kernel has no such option" + (onByItself(word) ?? "") }
    let key = word.prefix { $0 != "=" }
    switch word.dropFirst(key.count + 1) {
    case "pt":
      return passthrough
    case "1" where key == "iommu.passthrough": return passthrough
    case "on": return "turns the IOMMU on"
    case "off", "soft": return "turns the IOMMU off; no device can go to a guest"
    default: return "changes how the IOMMU works"
    }
  }

  private static func onByItself(_ word: String) -> String? {
    word.hasPrefix("amd_iommu=") ? ", and an AMD IOMMU is on unless amd_iommu=off turns it off" : nil
  }

  /// What the kernel passes over: `parse_amd_iommu_options` of drivers/iommu/amd/init.c and `iommu_setup` of
  /// arch/x86/kernel/pci-dma.c know neither `on` nor a number.
  static func isVoid(_ word: String) -> Bool {
    let key = word.prefix { $0 != "=" }
    guard key == "amd_iommu" || key == "iommu" else { return false }
    let values = word.dropFirst(key.count + 1).split(separator: ",")
    return values.allSatisfy { ["on", "1", "yes", "enable", "enabled", "true"].contains($0) }
  }
}
