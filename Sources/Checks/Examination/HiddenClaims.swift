import Host
import PCI
import Settings

extension Examination {
  /// `options xen-pciback hide=(0000:01:00.0)` of modprobe.d: Xen's own stub takes them for its guests.
  var hiddenClaims: [Claim] {
    (surroundings.modprobeLines + settings.moduleLines).compactMap { line in
      guard line.command == .options, ["xen_pciback", "pciback"].contains(line.module) else { return nil }
      let words = line.arguments.split(separator: " ").filter { $0.hasPrefix("hide=") }
      let functions = words.flatMap { KernelWord.hidden("xen-pciback.\($0)") }
      if functions.isEmpty { return nil }
      return Claim(
        .modprobe, functions, manner: .driver("pciback"), sources: [line.source],
        withdrawal: boot.without([line.source]))
    }
  }

  /// supergfxd gives all functions of a laptop's second graphics card to vfio-pci.
  var switcherClaims: [Claim] {
    guard let source = settings.graphicsToGuests else { return [] }
    let cards = host.functions.filter { function in
      function.classCode.value?.isDisplay == true && function.vendorID.value == 0x10de
    }
    let functions = Set(cards.flatMap { host.functions(inSlot: $0.address.slot) }.map(\.address)).sorted()
    if functions.isEmpty { return [] }
    return [
      Claim(
        .switcher, functions, manner: .driver(VFIODriver.generic), sources: [source],
        withdrawal: "supergfxctl --mode Hybrid")
    ]
  }
}
