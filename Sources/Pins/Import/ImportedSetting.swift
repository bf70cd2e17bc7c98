import Checks
import Host
import PCI

/// One setting of another tool's that gives devices away, entry by entry.
struct ImportedSetting: Equatable {
  enum Entry: Equatable, CustomStringConvertible {
    case address(Address)
    case id(ClaimedID)

    var description: String {
      switch self {
      case .address(let address): address.description
      case .id(let id): id.description
      }
    }
  }

  let driver: String
  let entries: [Entry]
  let sources: [SourceLine]
  let withdrawal: String

  /// Functions that it names by address.
  var named: [Address] {
    entries.compactMap { if case .address(let address) = $0 { address } else { nil } }
  }
}

extension Examination {
  /// Driverctl's files first, since they name functions; then ids.
  var importable: [ImportedSetting] {
    let claims = self.claims
    func settings(_ tools: Set<Claim.Tool>, entries: (Claim) -> [ImportedSetting.Entry]) -> [ImportedSetting] {
      claims.filter { tools.contains($0.tool) }.compactMap { claim in
        let entries = entries(claim)
        guard case .driver(let driver) = claim.manner, !entries.isEmpty else { return nil }
        return ImportedSetting(
          driver: driver, entries: entries, sources: claim.sources, withdrawal: claim.withdrawal)
      }
    }
    return settings([.driverctl]) { $0.functions.map { .address($0) } }
      + settings([.kernel, .modprobe]) { $0.ids.map { .id($0) } }
  }
}
