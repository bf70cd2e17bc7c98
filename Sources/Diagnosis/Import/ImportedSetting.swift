import Host
import PCI
import Settings

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
    let named = settings.driverctl.map { override in
      ImportedSetting(
        driver: override.driver, entries: [.address(override.function)], sources: [override.source],
        withdrawal: ShellCommand.remove(override.source.file))
    }
    return named
      + claims.filter { $0.tool == .kernel || $0.tool == .modprobe }.compactMap { claim in
        guard case .driver(let driver) = claim.manner, let ids = ids(of: claim), !ids.isEmpty else { return nil }
        return ImportedSetting(
          driver: driver, entries: ids.map { .id($0) }, sources: claim.sources, withdrawal: claim.withdrawal)
      }
  }

  private func ids(of claim: Claim) -> [ClaimedID]? {
    guard let source = claim.sources.first else { return nil }
    if claim.tool == .modprobe {
      return (surroundings.modprobeLines + settings.moduleLines).first { $0.source == source }?.claimed
    }
    return claim.word.flatMap { KernelWord.claim($0)?.ids }
  }
}
