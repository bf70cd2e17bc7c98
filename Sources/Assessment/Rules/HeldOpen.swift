import Host
import PCI

/// A process has a device node of the function open.
struct HeldOpen: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .open }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "held-open", .error, [function.address],
        message:
          "\(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")) holds a device node of \(function.address) open; it would lose the device in the middle of its work, and the unbind may wait for it.",
        evidence: uses.map(\.line), remedy: Self.remedy(uses), isForceable: true,
        grounds: uses.map { "\($0.subject) \($0.line)" })
    }
  }

  /// Stops the unit where there is one, else the process.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      let command =
        use.unit.map { "systemctl stop \($0)" } ?? "kill \(use.subject.dropFirst("pid ".utf8.count))"
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }
}

extension Use {
  /// `ollama.service` of `ollama, in ollama.service, /dev/renderD128`.
  var unit: String? {
    detail.split(separator: ", ").first { $0.hasPrefix("in ") && $0.hasSuffix(".service") }
      .map { String($0.dropFirst("in ".utf8.count)) }
  }
}
