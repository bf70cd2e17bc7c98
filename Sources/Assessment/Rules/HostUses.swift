import Host
import PCI

/// Interfaces of the host, and who talks through them.
struct HostNetwork: Rule {
  private static let kinds: Set<Use.Kind> = [.interface, .networkAddress, .route, .defaultRoute, .master, .ssh, .rdma]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard let first = uses.first else { return nil }
      let message =
        uses.contains { $0.kind == .ssh }
        ? "The SSH connection that this command was typed through runs over \(function.address)."
        : uses.contains { $0.kind == .defaultRoute }
          ? "The host's default route runs over \(function.address)." : "The host's interface \(first.subject) stands on \(function.address) and would vanish."
      return Finding(
        "host-network", .error, [function.address], message: message, evidence: uses.map(\.line),
        remedy: "Move addresses, routes and masters to another interface (ip addr, ip route, ip link), or: --force=host-network",
        isForceable: true)
    }
  }
}

/// Displays that the host shows something on.
struct HostDisplay: Rule {
  private static let kinds: Set<Use.Kind> = [.bootVGA, .drm, .framebuffer, .onlyDisplay]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      let bootOnly = uses.allSatisfy { $0.kind == .bootVGA }
      return Finding(
        "host-display", bootOnly ? .warning : .error, [function.address],
        message: bootOnly
          ? "\(function.address) is the boot display; another one exists and nothing uses this one now."
          : "The host uses the display \(function.address).",
        evidence: uses.map(\.line),
        remedy: "Stop the display server and unbind the console (echo 0 > /sys/class/vtconsole/vtcon1/bind), or: --force=host-display",
        isForceable: true)
    }
  }
}

/// The last keyboard.
struct HostInput: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .keyboard }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "host-input", .error, [function.address],
        message: "The host's last keyboard hangs off \(function.address).", evidence: uses.map(\.line),
        remedy: "Plug a keyboard into another controller, or if the host is reached otherwise: --force=host-input", isForceable: true)
    }
  }
}

/// What a host needs without looking at it: a serial console, a watchdog, a TPM, a management controller.
struct HostConsole: Rule {
  private static let kinds: Set<Use.Kind> = [.console, .watchdog, .tpm, .ipmi]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "host-console", .error, [function.address],
        message: "The host's \(Array(Set(uses.map(\.kind.rawValue))).sorted().joined(separator: ", ")) is behind \(function.address).",
        evidence: uses.map(\.line), remedy: "Stop using it on the host, or: --force=host-console", isForceable: true)
    }
  }
}

/// A process has a device node of the function open.
struct HeldOpen: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .open }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "held-open", .error, [function.address],
        message: "\(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")) holds a device node of \(function.address) open.",
        evidence: uses.map(\.line), remedy: "End the process, or: --force=held-open", isForceable: true)
    }
  }
}

/// A guest has the function: unbinding would wait for it, and cannot be taken back.
struct GuestRunning: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .vfioOpen }
      guard !uses.isEmpty else { return nil }
      // What is on its driver already is left there: nothing is done to the guest.
      if case .assign(let driver) = situation.intent, function.driver.value == driver { return nil }
      return Finding(
        "guest-running", .error, [function.address],
        message: "A guest has \(function.address) open: \(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")).",
        evidence: uses.map(\.line), remedy: "Shut the guest down, or detach the device from it: virsh detach-device", isForceable: false)
    }
  }
}

/// Evidence that could not be gathered.
struct UnknownUses: Rule {
  func findings(in situation: Situation) -> [Finding] {
    let relevant = situation.usage.unknown.filter { unknown in
      if case .assign = situation.intent { return true }
      return unknown.area == .holders
    }
    return UnknownUse.Area.allCases.compactMap { area in
      let those = relevant.filter { $0.area == area }
      guard !those.isEmpty else { return nil }
      return situation.unknown(
        area.rawValue, Set(those.map(\.function)).sorted(),
        message: "What the host does with this set (\(area.rawValue)) could not be found out.",
        evidence: those.map { "\($0.function): \($0.reason)" },
        remedy: situation.isRehearsal ? "Take a fuller capture." : "Run as root on the host itself, or look for yourself and: --force=unknown-\(area.rawValue)")
    }
  }
}

/// Storage that a guest wrote: the host may activate its volume groups, arrays or duplicate UUIDs.
struct GuestData: Rule {
  func findings(in situation: Situation) -> [Finding] {
    guard case .release(let all) = situation.intent else { return [] }
    return situation.functions.filter { $0.classCode.value?.isStorage ?? false }.map { function in
      Finding(
        "guest-data", all ? .error : .warning, [function.address],
        message: "\(function.address) is storage that a guest may have written: the host may activate its LVM, md or duplicate file system UUIDs.",
        evidence: ["class \(function.classCode.value.map(\.description) ?? "?")"],
        remedy: "Keep it from every driver: hostdev release --leave-unbound \(function.address)", isForceable: true)
    }
  }
}
