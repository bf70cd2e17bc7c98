import Host

/// On its vendor's own VFIO driver, which is the host's driver too: a guest can have it as it is.
struct VendorVFIO: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.filter(\.isOnVendorVFIO).map { function in
      let driver = function.driver.value ?? "?"
      let name = function.vfioDevice.value ?? "?"
      return Finding(
        .vendorVFIO, .info, on: [function.address],
        message:
          "\(function.address) is ready for a guest as it is: \(driver) is its VFIO driver. hostdev leaves it there; on vfio-pci it would lose what \(driver) has set up.",
        evidence: [
          Finding.Evidence(
            path: "/sys/bus/pci/devices/\(function.address)/vfio-dev/\(name)", value: "driver \(driver)")
        ],
        remedy: "hostdev xml \(function.address)")
    }
  }
}

extension FindingExplanation {
  static let vendorVFIO = Self(
    meaning: "The function is on its vendor's own VFIO driver (a vGPU on nvidia): a guest can have it as it is.",
    harm: "On vfio-pci it would lose what that driver has set up; so it stays, and libvirt must not manage it.",
    remedyIdea: "Give it to the guest with managed='no'.",
    source: "/sys/bus/pci/devices/ADDRESS/vfio-dev, whatever the driver is called")
}
