import Host
import PCI

/// What a host needs without looking at it: a serial console, a watchdog, a TPM, a management controller.
struct HostConsole: SetRule {
  private static let kinds: Set<Use.Kind> = [.console, .watchdog, .tpm, .ipmi, .ups]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      return Finding(
        .hostConsole, uses.allSatisfy(\.isIdle) ? .warning : .error, on: [function.address],
        message:
          "The host loses its \(Array(Set(uses.map(\.kind).compactMap { Self.names[$0] })).sorted().joined(separator: ", ")), which \(Set(uses.map(\.kind)).count == 1 ? "is" : "are") on \(function.address).",
        evidence: uses.map(\.evidence), remedy: Self.remedy(uses), forceIf: "the host does not need it")
    }
  }

  /// Ends each use, as far as a command does.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      let command: String
      switch use.what {
      case .console(_, let name):
        command =
          "systemctl stop \(ShellWord.quoted("serial-getty@\(name)")), and boot without \(ShellWord.quoted("console=\(name)"))"
      case .watchdog(let node, _, _): command = "wdctl \(ShellWord.quoted(node)); systemctl stop watchdog"
      case .tpm: command = "systemd-analyze pcrs; systemd-cryptenroll --tpm2-device=list"
      case .ipmi: command = "systemctl stop ipmievd openipmi"
      default: command = "systemctl stop nut-monitor apcupsd"
      }
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }

  private static let names: [Use.Kind: String] = [
    .console: "serial console", .watchdog: "watchdog", .tpm: "TPM", .ipmi: "management controller (IPMI)", .ups: "UPS",
  ]
}
