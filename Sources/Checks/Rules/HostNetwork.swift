import Host
import PCI

/// Interfaces of the host, and what uses them. An interface that is down and unused is not reported. One that is up is
/// reported, because a program can use it even if it has no address.
struct HostNetwork: SetRule {
  private static let used: Set<Use.Kind> = [
    .networkAddress, .route, .defaultRoute, .master, .upper, .ssh, .configuredInterface,
  ]
  private static let kinds = used.union([.interface, .rdma])

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let all = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      let uses = all.filter { !$0.isIdle && $0.remainder == nil }
      if let shared = Self.shared(function, all, others: uses) { return shared }
      guard let first = uses.first(where: { Self.used.contains($0.kind) }) else {
        return Self.bare(function, all, in: situation)
      }
      let message =
        uses.contains { $0.kind == .ssh }
        ? "Your SSH connection runs over \(function.address). Without it you lose this session."
        : uses.contains { $0.kind == .defaultRoute }
          ? "The host's default route runs over \(function.address). Without it the host loses its network."
          : first.kind == .configuredInterface
            ? "The host is configured to bring up \(first.subject), which is on \(function.address). Without it the interface is missing."
            : "The host uses \(first.subject), which is on \(function.address). The interface disappears with it."
      return Finding(
        .hostNetwork, .error, on: [function.address], message: message, evidence: uses.map(\.evidence),
        remedy: Self.remedy(uses))
    }
  }

  /// A port of a bond or a team that keeps its addresses and routes by another one; nil if the host loses anything else.
  private static func shared(_ function: Function, _ all: [Use], others: [Use]) -> Finding? {
    let kept = all.filter { $0.remainder?.kind == .port }
    guard !kept.isEmpty, !others.contains(where: { used.contains($0.kind) && $0.kind != .configuredInterface }) else {
      return nil
    }
    let ports = Set(kept.compactMap(\.remainder)).sorted { ($0.name, $0.lost) < ($1.name, $1.lost) }
    let texts = ports.map {
      "\($0.lost) on \(function.address) is one port of \($0.name). The host keeps \($0.name), its addresses and its routes by \($0.by.joined(separator: ", ")), and loses the redundancy."
    }
    return Finding(
      .hostNetwork, .error, on: [function.address], message: texts.joined(separator: " "),
      evidence: kept.map(\.evidence),
      remedy: (ports.map { "ip link set dev \(ShellWord.quoted($0.lost)) nomaster" } + edits(all)).joined(
        separator: "; "), forceIf: "the other port is enough")
  }

  /// Up, without address, route and master; or matched by a configuration that any interface would fit, or that is
  /// started only by hand.
  private static func bare(_ function: Function, _ all: [Use], in situation: Situation) -> Finding? {
    let up = all.filter { !$0.isIdle }
    let meant = all.filter { $0.kind == .configuredInterface }
    guard !up.isEmpty || !meant.isEmpty else { return nil }
    let isCertain = !situation.isUnknown(.network, of: function)
    let names = Set((up.isEmpty ? meant : up).map(\.subject)).sorted().joined(separator: ", ")
    return Finding(
      .hostNetwork, .warning, on: [function.address],
      message: up.isEmpty
        ? "A network configuration of the host matches \(names) on \(function.address)."
          + (isCertain ? " The host does not need it now." : " Whether the host needs it now could not be determined.")
        : "\(names) on \(function.address) \(Set(up.map(\.subject)).count == 1 ? "is" : "are") up"
          + (isCertain
            ? ", without address, route or master. A program that captures or sends raw frames loses it."
            : ". Whether the host has an address or a route there could not be determined."),
      evidence: (up + meant).map(\.evidence),
      remedy: (up.filter { $0.kind == .interface }.map { "ip link set dev \(ShellWord.quoted($0.subject)) down" }
        + edits(meant))
        .joined(separator: "; "))
  }

  /// Opens each file at its line.
  private static func edits(_ uses: [Use]) -> [String] {
    var commands: [String] = []
    for command in uses.compactMap(\.edit) where !commands.contains(command) { commands.append(command) }
    return commands
  }

  /// Takes masters, addresses and routes away, the upper ones first.
  private static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    func add(_ command: String) { if !commands.contains(command) { commands.append(command) } }
    for use in uses.sorted(by: { $0.chain.count > $1.chain.count }) {
      switch use.what {
      case .networkAddress(let interface, _), .route(let interface, _), .defaultRoute(let interface, _):
        add("ip addr flush dev \(ShellWord.quoted(interface))")
      // The datapath of Open vSwitch, which all of its ports have for their master.
      case .master(let interface, master: "ovs-system"): add("ovs-vsctl del-port \(ShellWord.quoted(interface))")
      case .master(let interface, _): add("ip link set dev \(ShellWord.quoted(interface)) nomaster")
      // A VLAN, macvlan or VXLAN is a device of its own above the interface, which has no master then.
      case .upper(_, let upper): add("ip link del dev \(ShellWord.quoted(upper))")
      default: continue
      }
    }
    commands += edits(uses)
    let first = "Move its addresses and routes to another interface first"
    return commands.isEmpty ? first : "\(first); then: \(commands.joined(separator: "; "))"
  }
}
