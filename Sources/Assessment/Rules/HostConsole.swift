import Host
import PCI

/// What a host needs without looking at it: a serial console, a watchdog, a TPM, a management controller.
struct HostConsole: Rule {
  private static let kinds: Set<Use.Kind> = [.console, .watchdog, .tpm, .ipmi, .ups]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "host-console", uses.allSatisfy(\.isIdle) ? .warning : .error, [function.address],
        message:
          "The host's \(Array(Set(uses.map(\.kind).compactMap { Self.names[$0] })).sorted().joined(separator: ", ")) is behind \(function.address), and the host would be without.",
        evidence: uses.map(\.line), remedy: "Stop using it on the host, or: --force=host-console", isForceable: true)
    }
  }

  private static let names: [Use.Kind: String] = [
    .console: "serial console", .watchdog: "watchdog", .tpm: "TPM", .ipmi: "management controller (IPMI)", .ups: "UPS",
  ]
}
