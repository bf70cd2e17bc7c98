import Host
import PCI

/// A guest, or a program like one, has the function open through VFIO: unbinding would wait for it, and cannot be taken
/// back.
struct GuestRunning: SetRule {
  /// Of other runs `has-vfs` tells.
  private func releasedVirtuals(_ situation: Situation) -> [Function] {
    if case .release = situation.intent { situation.disappearing } else { [] }
  }

  func findings(in situation: Situation) -> [Finding] {
    (situation.functions + releasedVirtuals(situation)).compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .vfioOpen }
      guard !uses.isEmpty else { return nil }
      let processes = uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")
      // Open vSwitch and SPDK use VFIO as well: a guest is named only if there is one.
      let isGuest = uses.contains { $0.process?.isMachine ?? false }
      return Finding(
        .guestRunning, .error, on: [function.address],
        message: isGuest
          ? "A guest has \(function.address) open: \(processes)."
          : "A process has \(function.address) open through VFIO: \(processes).",
        evidence: uses.map(\.evidence), remedy: uses.endings)
    }
  }
}
