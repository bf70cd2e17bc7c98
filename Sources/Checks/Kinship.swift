import Host
import PCI

/// What group, reset or kinship tie to each function, in one step; whether it can move with a set is not asked yet.
public struct Kinship: Sendable {
  let others: [Address: [Address]]

  public init(of functions: [Address], in host: Host, usage: Usage) {
    var open = usage
    open.uses.removeAll { $0.kind != .vfioOpen }
    others = Dictionary(
      functions.map { ($0, Self.others(of: $0, in: host, usage: open)) }, uniquingKeysWith: { first, _ in first })
  }

  /// None for a bridge, which no guest gets.
  static func others(of address: Address, in host: Host, usage: Usage) -> [Address] {
    guard let function = host[address], function.isEndpoint else { return [] }
    let others =
      GroupBlocked.endpoints(blocking: function, in: host)
      + SlotIncomplete.endpoints(reachedWith: function, in: host, usage: usage)
      + SplitCompanion.companions(of: function, in: host)
    return Set(others.map(\.address)).sorted()
  }
}
