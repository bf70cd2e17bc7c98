import Host
import PCI

/// Displays that the host shows something on.
struct HostDisplay: Rule {
  private static let kinds: Set<Use.Kind> = [.bootVGA, .drm, .framebuffer, .onlyDisplay]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) || $0.holdsScreen }
      guard !uses.isEmpty else { return nil }
      let bootOnly = uses.allSatisfy { $0.kind == .bootVGA }
      return Finding(
        "host-display", bootOnly ? .warning : .error, [function.address],
        message: bootOnly
          ? "\(function.address) is the boot display; another one exists and nothing uses this one now."
          : "The host uses the display \(function.address); its screens go dark, and what draws on them may crash.",
        evidence: uses.map(\.line),
        remedy: "systemctl isolate multi-user.target; echo 0 > /sys/class/vtconsole/vtcon1/bind",
        isForceable: true)
    }
  }
}

extension Use {
  /// Somebody has a card, render node or frame buffer open.
  var holdsScreen: Bool {
    guard kind == .open, let node = chain.last else { return false }
    return ["card", "renderD", "fb"].contains {
      node.hasPrefix($0) && node.dropFirst($0.utf8.count).allSatisfy(\.isNumber)
    }
  }
}
