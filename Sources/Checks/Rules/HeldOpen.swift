import Host
import PCI

/// A process has a device node of the function open.
struct HeldOpen: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .open }
      guard !uses.isEmpty else { return nil }
      return Finding(
        .heldOpen, .error, on: [function.address],
        message:
          "\(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")) \(uses.count == 1 ? "has" : "have") a device node of \(function.address) open. An unbind takes the device away at once, or blocks until it is closed.",
        evidence: uses.map(\.evidence), remedy: uses.endings,
        grounds: uses.map { "\($0.subject) \($0.line)" })
    }
  }
}
