import Host
import PCI

/// Interfaces of the host, and who talks through them. One that is merely there is in nobody's way; one that is up is
/// told of, since a program may use it without an address of its own.
struct HostNetwork: Rule {
  private static let used: Set<Use.Kind> = [.networkAddress, .route, .defaultRoute, .master, .ssh]
  private static let kinds = used.union([.interface, .rdma])

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) && !$0.isIdle }
      guard let first = uses.first(where: { Self.used.contains($0.kind) }) else { return Self.bare(function, uses) }
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

  /// Up, and without address, route and master.
  private static func bare(_ function: Function, _ uses: [Use]) -> Finding? {
    guard !uses.isEmpty else { return nil }
    let names = uses.map(\.subject).joined(separator: ", ")
    return Finding(
      "host-network", .warning, [function.address],
      message:
        "\(names) on \(function.address) is up, without address, route or master: a program that captures or sends frames by itself would lose it.",
      evidence: uses.map(\.line),
      remedy: uses.filter { $0.kind == .interface }.map { "ip link set dev \($0.subject) down" }.joined(separator: "; "),
      isForceable: true)
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
    let first = "Move what it carries to another interface first"
    return commands.isEmpty
      ? "\(first), or: --force=host-network" : "\(first); then: \(commands.joined(separator: "; "))"
  }
}
