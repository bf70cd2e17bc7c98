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
        evidence: uses.map(\.evidence), remedy: Self.remedy(uses),
        grounds: uses.map { "\($0.subject) \($0.line)" })
    }
  }

  /// What ends each use, once.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for ending in uses.compactMap(\.ending) where !commands.contains(ending) { commands.append(ending) }
    return commands.joined(separator: "; ")
  }
}

extension Use {
  /// The command that makes a process close the device: it stops the process's unit if there is one; for systemd's
  /// watchdog it turns the watchdog off.
  fileprivate var ending: String? {
    guard let process else { return nil }
    if let stop = process.stopOfUnit { return stop }
    guard process.pid == 1 else { return "kill \(process.pid)" }
    guard case .open(_, let node) = what, node.kind == .watchdog else {
      return "pid 1 is the host's init and cannot be stopped. To see its settings: systemctl show"
    }
    return
      "mkdir -p /etc/systemd/system.conf.d; printf '[Manager]\\nRuntimeWatchdogSec=0\\n' > /etc/systemd/system.conf.d/no-watchdog.conf; systemctl daemon-reexec"
  }
}

extension Use.Process {
  /// `systemctl stop ollama.service`; a user's own manager is reached by the user's number.
  var stopOfUnit: String? {
    guard case .unit(let unit, let user) = owner, unit.hasSuffix(".service") else { return nil }
    let name = ShellWord.quoted(unit)
    guard let user else { return "systemctl stop \(name)" }
    return "systemctl --user --machine=\(user)@ stop \(name)"
  }
}
