/// No IOMMU group anywhere, and why.
struct IOMMUOff: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests, situation.host.hasNoGroups else { return [] }
    let around = situation.surroundings
    let words = around.commandLine.value ?? []
    let asked = words.filter { $0.hasPrefix("intel_iommu") || $0.hasPrefix("amd_iommu") || $0.hasPrefix("iommu=") }
    var evidence: [Finding.Evidence] = ["/sys/kernel/iommu_groups is empty"]
    if !around.commandLine.isUnknown {
      evidence.append(
        Finding.Evidence(
          path: "/proc/cmdline",
          value: asked.isEmpty ? "no intel_iommu=, amd_iommu= or iommu= argument" : asked.joined(separator: " ")))
    }
    if case .known(let tables) = around.firmwareTables {
      evidence.append(
        Finding.Evidence(
          path: "/sys/firmware/acpi/tables",
          value: tables.isEmpty ? "no DMAR, IVRS or IORT" : tables.joined(separator: " ")))
    }
    let remedy =
      around.firmwareTables.value?.isEmpty == true
      ? "Enable VT-d (Intel) or AMD-Vi/IOMMU (AMD) in the firmware setup, then boot again."
      : "Boot with intel_iommu=on (Intel; AMD's is on by itself unless amd_iommu=off), and enable VT-d or AMD-Vi in the firmware setup."
    return [
      Finding(
        .iommuOff, .error, on: situation.set,
        message:
          "This host has no IOMMU group: the IOMMU is off or missing, and nothing keeps a guest's device out of the host's memory.",
        evidence: evidence, remedy: remedy)
    ]
  }
}
