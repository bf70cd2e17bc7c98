import Host
import PCI

/// The results of all rules for one set.
public struct Assessment: Sendable, Equatable {
  /// Functions that must be in the set too.
  public let missing: [Address]
  /// In the order of severity, worst first, then as the rules stand.
  public let findings: [Finding]
  /// Why vfio-pci cannot be had; nil if it can, or is not needed.
  public let missingModule: MissingModule?

  public init(missing: [Address], findings: [Finding]) {
    self.missing = missing
    self.findings = findings
    missingModule = nil
  }

  /// Errors that stand, those overruled by name left out.
  public func blocking(forced: Set<FindingCode>) -> [Finding] {
    findings.filter { $0.severity == .error && !($0.isForceable && forced.contains($0.code)) }
  }

  /// Errors that stop a run at its second look: every one that `forced` does not overrule, and of the overruled ones
  /// those with a function or ground that `first` lacks. `--force=CODE` covers what was found when it was typed, and
  /// nothing later.
  public func appeared(since first: Assessment, forced: Set<FindingCode>) -> [Finding] {
    findings.filter { finding in
      guard finding.severity == .error else { return false }
      guard finding.isForceable, forced.contains(finding.code) else { return true }
      return !first.findings.contains { known in
        known.code == finding.code && known.severity == .error && known.isForceable
          && Set(known.functions).isSuperset(of: finding.functions)
          && Set(known.grounds).isSuperset(of: finding.grounds)
      }
    }
  }

  public var isAssignable: Bool { blocking(forced: []).isEmpty }
}

extension Assessment {
  public init(of situation: Situation) {
    missing = Self.missing(in: situation)
    var situation = situation
    if !missing.isEmpty, situation.completion == nil {
      situation.completion = Completion(of: situation, adding: missing)
    }
    findings = Rules.ofSets.flatMap { $0.findings(in: situation) }.worstFirst.recoveringFirst
    missingModule = MissingModule(in: situation)
  }

  /// Functions that must move with the set, directly or through another function that must.
  public static func missing(in situation: Situation) -> [Address] {
    guard case .assign = situation.intent else { return [] }
    var whole = Set(situation.set)
    while true {
      let more = companions(of: whole, in: situation).subtracting(whole)
      if more.isEmpty { break }
      whole.formUnion(more)
    }
    return whole.subtracting(situation.set).sorted()
  }

  /// Functions that group, reset or kinship tie to these, in one step.
  private static func companions(of set: Set<Address>, in situation: Situation) -> Set<Address> {
    let host = situation.host
    return set.reduce(into: []) { found, address in
      let others =
        situation.kinship?.others[address] ?? Kinship.others(of: address, in: host, usage: situation.usage)
      found.formUnion(host.movable(others.compactMap { host[$0] }, with: set).map(\.address))
    }
  }
}
