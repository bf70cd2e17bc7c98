import Host
import PCI

/// Fatal errors that the kernel counted. It may have recovered from each of them: what is dead reads all ones.
struct FatalErrors: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      guard let count = situation.usage.conditions[function.address]?.fatalErrors, count > 0 else { return nil }
      return Finding(
        .fatalErrors, .warning, on: [function.address],
        message:
          "The kernel has counted \(counted(count, "fatal PCI Express error")) of \(function.address). The next one may crash the guest.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/aer_dev_fatal: TOTAL_ERR_FATAL \(count)"],
        remedy: "journalctl -k --grep \(function.address)")
    }
  }
}
