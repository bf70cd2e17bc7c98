import Host
import PCI

/// Interfaces of the host, and who talks through them.
struct HostNetwork: Rule {
  private static let kinds: Set<Use.Kind> = [.interface, .networkAddress, .route, .defaultRoute, .master, .ssh, .rdma]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
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
