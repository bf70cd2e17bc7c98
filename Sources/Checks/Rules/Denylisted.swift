import PCI

/// vfio-pci's own deny list (`vfio_pci_dev_in_denylist` of drivers/vfio/pci/vfio_pci.c): its probe is EINVAL for these.
struct Denylisted: SetRule {
  /// QuickAssist, and the data streaming and analytics accelerators of Sapphire Rapids: unsafe to share by their errata.
  private static let intel: Set<UInt16> = [0x19e2, 0x19e3, 0x37c8, 0x37c9, 0x0435, 0x0443, 0x0b25, 0x0cfe]

  func findings(in situation: Situation) -> [Finding] {
    guard case .assign("vfio-pci") = situation.intent, situation.surroundings.isDenylistDisabled.value != true else {
      return []
    }
    return situation.functions.compactMap { function in
      guard let id = function.id, id.vendor == 0x8086, Self.intel.contains(id.device) else { return nil }
      return Finding(
        .denylisted, .error, on: [function.address],
        message:
          "vfio-pci refuses \(id): the device is on the kernel's deny list, because a guest can use it to harm the host.",
        evidence: ["/sys/module/vfio_pci/parameters/disable_denylist: N or not loaded"],
        remedy: "Give guests its VFs; or, if you trust the guest: modprobe vfio-pci disable_denylist=1")
    }
  }
}
