import Host
import PCI

/// Functions of the host's own chipset.
struct HostChipset: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      guard let role = ChipsetFunction(function, in: situation.host) else { return nil }
      return Finding(
        .hostChipset, .error, on: [function.address],
        message:
          "\(function.address) is the \(role.rawValue) of the host's own chipset. A guest can change through it how the host decodes addresses, routes interrupts or starts.",
        evidence: [
          Finding.Evidence(
            value: "\(function.address): class \(function.classCode.value.map(\.description) ?? "?")"
              + (role == .securityProcessor ? "" : ", on the root bus \(function.address.segment)"))
        ],
        remedy: "Give the guest another function: hostdev list --candidate",
        forceIf: "you know what the host and its firmware do with it")
    }
  }
}

extension FindingExplanation {
  static let hostChipset = Self(
    meaning:
      "It is part of the host's own chipset: a memory, interrupt, SMBus or flash controller, an ISA bridge, a security processor, system management.",
    harm: "A guest can change how the host decodes addresses, routes interrupts or starts, and can write its flash.",
    remedyIdea: "Give the guest another function.",
    source:
      "Class and vendor of a function on a root bus (/sys/devices/pci*); unassigned_perms of drivers/vfio/pci/vfio_pci_config.c",
    subject: .both, force: .always)
}
