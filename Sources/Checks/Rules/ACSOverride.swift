import Host
import PCI
import Settings

/// pcie_acs_override makes groups out of what is not isolated.
struct ACSOverride: SetRule {
  static func isOverride(_ word: String) -> Bool { word.hasPrefix("pcie_acs_override=") }

  func findings(in situation: Situation) -> [Finding] {
    guard situation.isForGuests, let word = situation.surroundings.commandLine.value?.first(where: Self.isOverride)
    else { return [] }
    return [
      Finding(
        .acsOverride, .warning, on: situation.set, message: Self.message(word),
        evidence: [Finding.Evidence(path: "/proc/cmdline", value: word)], remedy: Self.remedy)
    ]
  }

  private static let remedy = "Boot without it, then see which groups are real: hostdev list --all"

  private static func message(_ word: String) -> String {
    "\(word) is on the kernel command line: the kernel splits groups that the hardware does not. Devices in different groups may access each other's memory."
  }
}

/// Are the groups what the hardware isolates?
extension ACSOverride: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    guard let running = examination.surroundings.commandLine.value else {
      return [
        Finding(
          .acsOverride, .unknown, message: "The kernel command line could not be read.", evidence: ["/proc/cmdline"])
      ]
    }
    let boot = examination.boot
    let words = Set((running + boot.promised.map(\.word)).filter(Self.isOverride)).sorted()
    if words.isEmpty {
      return [
        Finding(
          .acsOverride, .ok, message: "pcie_acs_override= is not set: the groups are those of the hardware.",
          evidence: ["/proc/cmdline"])
      ]
    }
    return words.map { word in
      let removal = boot.removal(of: word)
      return Finding(
        .acsOverride, .warning,
        message: running.contains(word)
          ? Self.message(word)
          : "\(word) is configured: from the next boot on, the kernel splits groups that the hardware does not.",
        evidence: examination.sources(of: word).map { Finding.Evidence($0) }
          + (running.contains(word) ? [] : boot.reason),
        remedy: removal.isEmpty ? Self.remedy : removal)
    }
  }
}
