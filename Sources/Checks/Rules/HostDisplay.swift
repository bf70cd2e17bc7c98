import Host
import PCI

/// Displays that the host shows something on.
struct HostDisplay: SetRule {
  private static let kinds: Set<Use.Kind> = [.bootVGA, .drm, .framebuffer, .onlyDisplay]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) || $0.holdsScreen }
      guard !uses.isEmpty else { return nil }
      let idle = uses.filter { $0.kind == .bootVGA || $0.kind == .drm || $0.isIdle }
      if idle.count == uses.count { return Self.idle(function, uses, in: situation) }
      let firmware = FirmwareFramebuffer(uses, situation.surroundings.commandLine.value ?? [])
      return Finding(
        .hostDisplay, .error, on: [function.address],
        message:
          "The host uses the display \(function.address). Its screens go dark, and programs that draw on them may crash.",
        evidence: uses.map(\.evidence) + firmware.evidence,
        remedy: Self.remedy(uses, firmware),
        forceIf: uses.contains { $0.kind == .onlyDisplay } ? "you can reach the host without a screen" : nil,
        grounds: uses.map { "\($0.subject) \($0.line)" })
    }
  }

  /// Ends what draws on it; the only display there is has no command against it.
  private static func remedy(_ uses: [Use], _ firmware: FirmwareFramebuffer) -> String {
    var commands: [String] = []
    func add(_ command: String) { if !commands.contains(command) { commands.append(command) } }
    for use in uses where use.kind == .open {
      add(use.process?.stopOfUnit ?? "systemctl isolate multi-user.target")
    }
    for use in uses where use.kind == .framebuffer && !use.isIdle {
      if case .framebuffer(.device(_, _, console: .here(let console))) = use.what {
        add("echo 0 > \(ShellWord.quoted("/sys/class/vtconsole/\(console)/bind"))")
      }
    }
    for command in firmware.remedy { add(command) }
    return commands.joined(separator: "; ")
  }

  /// Nothing is drawn on it. The boot display is told of, and a screen that is plugged in; a node that is merely there
  /// is not.
  private static func idle(_ function: Function, _ uses: [Use], in situation: Situation) -> Finding? {
    let isCertain = ![.display, .holders].contains { situation.isUnknown($0, of: function) }
    let now = isCertain ? "" : " Whether the host uses it now could not be determined."
    let isBoot = uses.contains { $0.kind == .bootVGA }
    let screens = uses.filter { $0.kind == .drm && !$0.isIdle }
    guard isBoot || !screens.isEmpty else { return nil }
    return Finding(
      .hostDisplay, isBoot ? .warning : .info, on: [function.address],
      message: isBoot
        ? "\(function.address) is the boot display. The host has another display\(isCertain ? ", and nothing uses this one now." : ".\(now)")"
        : "\(screens.map(\.detail).joined(separator: ", ")) to \(function.address). The guest gets that screen\(isCertain ? "; the host does not use it now." : ".\(now)")",
      evidence: uses.map(\.evidence),
      remedy: isBoot
        ? "Choose the other display in the firmware setup (primary or initial display)."
        : "To keep the screen, plug it into another card: ls -l /sys/class/drm")
  }
}

extension Use {
  /// A process has a card, render node or frame buffer open.
  var holdsScreen: Bool {
    guard case .open(_, let node) = what else { return false }
    return node.kind == .display
  }
}
