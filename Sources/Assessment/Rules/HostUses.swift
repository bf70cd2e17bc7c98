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
          ? "The host's default route runs over \(function.address)."
          : "The host's interface \(first.subject) stands on \(function.address) and would vanish."
      return Finding(
        "host-network", .error, [function.address], message: message, evidence: uses.map(\.line),
        remedy: Self.remedy(uses), isForceable: true)
    }
  }

  /// Takes masters, addresses and routes away, the upper ones first.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    func add(_ command: String) { if !commands.contains(command) { commands.append(command) } }
    for use in uses.sorted(by: { $0.chain.count > $1.chain.count }) {
      switch use.kind {
      case .networkAddress, .route, .defaultRoute: add("ip addr flush dev \(use.subject)")
      case .master:
        add(
          use.detail == "ovs-system"
            ? "ovs-vsctl del-port \(use.subject)"
            : "ip link set dev \(use.subject) nomaster || ip link del \(use.detail)")
      default: continue
      }
    }
    for use in uses where use.kind == .interface { add("ip link set dev \(use.subject) down") }
    let first = "Move what it carries to another interface first"
    return commands.isEmpty
      ? "\(first), or: --force=host-network" : "\(first); then: \(commands.joined(separator: "; "))"
  }
}

/// Displays that the host shows something on.
struct HostDisplay: Rule {
  private static let kinds: Set<Use.Kind> = [.bootVGA, .drm, .framebuffer, .onlyDisplay]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
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
  fileprivate var holdsScreen: Bool {
    guard kind == .open, let node = chain.last else { return false }
    return ["card", "renderD", "fb"].contains {
      node.hasPrefix($0) && node.dropFirst($0.utf8.count).allSatisfy(\.isNumber)
    }
  }
}

/// The last keyboard; and what else is plugged in goes along, which is good to know.
struct HostInput: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let all = situation.usage.uses(of: function.address)
      let uses = all.filter { $0.kind == .keyboard }
      guard !uses.isEmpty else { return plugged(function, all.filter { $0.kind == .usb }) }
      return Finding(
        "host-input", .error, [function.address],
        message:
          "The host's last keyboard hangs off \(function.address): nobody could type at the host's own console any more.",
        evidence: uses.map(\.line),
        remedy: "Plug a keyboard into another controller, or if the host is reached otherwise: --force=host-input",
        isForceable: true)
    }
  }

  private func plugged(_ function: Function, _ uses: [Use]) -> Finding? {
    guard !uses.isEmpty else { return nil }
    return Finding(
      "host-input", .info, [function.address],
      message:
        "What is plugged in behind \(function.address) goes with it: \(uses.map { $0.detail.isEmpty ? $0.subject : $0.detail }.joined(separator: ", ")).",
      evidence: uses.map(\.line), remedy: "Plug what the host is to keep into another controller.", isForceable: true)
  }
}

/// What a host needs without looking at it: a serial console, a watchdog, a TPM, a management controller.
struct HostConsole: Rule {
  private static let kinds: Set<Use.Kind> = [.console, .watchdog, .tpm, .ipmi, .ups]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "host-console", .error, [function.address],
        message:
          "The host's \(Array(Set(uses.map(\.kind).compactMap { Self.names[$0] })).sorted().joined(separator: ", ")) is behind \(function.address), and the host would be without.",
        evidence: uses.map(\.line), remedy: "Stop using it on the host, or: --force=host-console", isForceable: true)
    }
  }

  private static let names: [Use.Kind: String] = [
    .console: "serial console", .watchdog: "watchdog", .tpm: "TPM", .ipmi: "management controller (IPMI)", .ups: "UPS",
  ]
}

/// A process has a device node of the function open.
struct HeldOpen: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .open }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "held-open", .error, [function.address],
        message:
          "\(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")) holds a device node of \(function.address) open; it would lose the device in the middle of its work, and the unbind may wait for it.",
        evidence: uses.map(\.line), remedy: Self.remedy(uses), isForceable: true)
    }
  }

  /// Stops the unit where there is one, else the process.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      let unit = use.detail.split(separator: ", ").first { $0.hasPrefix("in ") && $0.hasSuffix(".service") }
      let command =
        unit.map { "systemctl stop \($0.dropFirst(3))" } ?? "kill \(use.subject.dropFirst("pid ".utf8.count))"
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }
}

/// A guest has the function: unbinding would wait for it, and cannot be taken back.
struct GuestRunning: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .vfioOpen }
      guard !uses.isEmpty else { return nil }
      return Finding(
        "guest-running", .error, [function.address],
        message:
          "A guest has \(function.address) open: \(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")).",
        evidence: uses.map(\.line), remedy: Self.remedy(uses), isForceable: false)
    }
  }

  /// By the names of guests that libvirt knows, else by process.
  static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      let command = use.guest.map { "virsh shutdown \($0)" } ?? "kill \(use.subject.dropFirst("pid ".utf8.count))"
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }
}

extension Use {
  /// `win10` of `qemu-system-x86, guest win10`.
  var guest: String? {
    detail.split(separator: ", ").first { $0.hasPrefix("guest ") }.map { String($0.dropFirst("guest ".utf8.count)) }
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
        remedy: situation.isRehearsal
          ? "Take a fuller capture."
          : "Run as root on the host itself, or look for yourself and: --force=unknown-\(area.rawValue)")
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
        message:
          "\(function.address) is storage that a guest may have written: the host may activate its LVM, md or duplicate file system UUIDs.",
        evidence: ["class \(function.classCode.value.map(\.description) ?? "?")"],
        remedy: "Keep it from every driver: hostdev release --leave-unbound \(function.address)", isForceable: true)
    }
  }
}
