import Host
import PCI

/// pcie_acs_override makes groups out of what is not isolated.
struct ACSOverride: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests,
      let word = situation.surroundings.commandLine.value?.first(where: { $0.hasPrefix("pcie_acs_override") })
    else { return [] }
    return [
      Finding(
        .acsOverride, .warning, on: situation.set,
        message:
          "\(word) is on the kernel command line: the groups are a fiction, and devices in different ones may reach each other's memory.",
        evidence: ["/proc/cmdline: \(word)"],
        remedy: "Boot without it, and look which groups are real: hostdev list --all")
    ]
  }
}
