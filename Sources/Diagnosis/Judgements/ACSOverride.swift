/// Are the groups what the hardware isolates?
struct ACSOverride: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    guard let running = examination.surroundings.commandLine.value else {
      return [
        ReadinessCheck(
          .acsOverride, .unknown, "The kernel's command line could not be read.", evidence: ["/proc/cmdline"])
      ]
    }
    let boot = examination.settings.boot
    let isOverride = { (word: String) in word.hasPrefix("pcie_acs_override=") }
    let words = Set(running.filter(isOverride) + boot.edited.map(\.word).filter(isOverride)).sorted()
    if words.isEmpty {
      return [
        ReadinessCheck(
          .acsOverride, .ok, "No pcie_acs_override=: the groups are the kernel's own.", evidence: ["/proc/cmdline"])
      ]
    }
    return words.map { word in
      let removal = boot.removal(of: word)
      return ReadinessCheck(
        .acsOverride, .warning,
        running.contains(word)
          ? "\(word) is on the kernel command line: the groups are a fiction, and devices in different ones may reach each other's memory."
          : "\(word) is configured: from the next boot on the groups are a fiction.",
        evidence: examination.sources(of: word).map(\.description),
        remedy: removal.isEmpty ? "Boot without it, and look which groups are real: hostdev list --all" : removal)
    }
  }
}
