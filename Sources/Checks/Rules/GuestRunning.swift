import Host
import PCI

/// A guest has the function: unbinding would wait for it, and cannot be taken back.
struct GuestRunning: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .vfioOpen }
      guard !uses.isEmpty else { return nil }
      return Finding(
        .guestRunning, .error, on: [function.address],
        message:
          "A guest has \(function.address) open: \(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")).",
        evidence: uses.map(\.evidence), remedy: Self.remedy(uses))
    }
  }

  /// By the names of guests that libvirt knows, else by process.
  static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      guard let process = use.process else { continue }
      let command =
        if case .guest(let name) = process.owner { "virsh shutdown \(name)" } else { "kill \(process.pid)" }
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }
}
