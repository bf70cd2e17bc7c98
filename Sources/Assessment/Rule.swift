import Host
import PCI

/// One rule: what it looks at, and what it finds. Pure, so that `check` and `bind` cannot disagree.
protocol Rule: Sendable {
  func findings(in situation: Situation) -> [Finding]
}

/// What came of all rules for one set.
public struct Assessment: Sendable, Equatable {
  /// What must come along.
  public let missing: [Address]
  /// In the order of severity, worst first, then as the rules stand.
  public let findings: [Finding]

  public init(missing: [Address], findings: [Finding]) {
    self.missing = missing
    self.findings = findings
  }

  /// Errors that stand, those overruled by name left out.
  public func blocking(forced: Set<FindingCode>) -> [Finding] {
    findings.filter { $0.severity == .error && !($0.isForceable && forced.contains($0.code)) }
  }

  /// What stands against it now and did not when `first` was made: errors that nobody overrules, and of those that are
  /// overruled what is new in them. `--force=CODE` covers the findings that stood when it was typed, and no later one.
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
  private static let rules: [any Rule] = [
    InterruptedRun(), PinnedIdentity(), NotEndpoint(), Dead(), IOMMUOff(), GroupMembership(), GroupBlocked(),
    SlotIncomplete(), ReservedRegions(),
    HostStorage(), HasData(), HostNetwork(), HostDisplay(), HostInput(), HostConsole(), HeldOpen(), GuestRunning(),
    ForeignNamespace(),
    VirtualFunctions(), VirtualFunctionCount(), MediatedDevices(), SplitCompanion(), Denylisted(), DriverMismatch(),
    OwnDriver(), DriverBound(),
    ResetReach(),
    GuestData(), UnknownUses(), NoReset(), Asleep(), StaleOverride(), Interrupts(), ACSOverride(), ModuleMissing(),
    ModuleOptions(), Lockdown(), ConfinedGuests(), FatalErrors(),
  ]

  public init(of situation: Situation) {
    missing = Self.missing(in: situation)
    findings = Self.rules.flatMap { $0.findings(in: situation) }.enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
  }

  /// What must come along with the set, once that has come along itself.
  private static func missing(in situation: Situation) -> [Address] {
    guard case .assign = situation.intent else { return [] }
    var whole = Set(situation.set)
    while true {
      let more = companions(of: whole, in: situation.host, usage: situation.usage).subtracting(whole)
      if more.isEmpty { break }
      whole.formUnion(more)
    }
    return whole.subtracting(situation.set).sorted()
  }

  /// Functions that group, reset or kinship tie to these, in one step.
  private static func companions(of set: Set<Address>, in host: Host, usage: Usage) -> Set<Address> {
    var found: Set<Address> = []
    for address in set {
      guard let function = host[address], function.isEndpoint else { continue }
      found.formUnion(GroupBlocked.endpoints(blocking: function, in: host).map(\.address))
      found.formUnion(SlotIncomplete.endpoints(reachedWith: function, in: host, usage: usage).map(\.address))
      found.formUnion(SplitCompanion.companions(of: function, in: host).map(\.address))
    }
    return found
  }
}

extension Situation {
  /// Functions that are to go to a guest; none for other intents.
  var candidates: [Function] { if case .assign = intent { functions } else { [] } }

  /// The complete command for this set and what must come along.
  func remedy(with others: some Sequence<Address>) -> String {
    "hostdev bind " + Swift.Set(set).union(others).sorted().map(\.description).joined(separator: " ")
  }

  /// A finding that a fact needed by a check could not be read.
  func unknown(
    _ code: FindingCode, on functions: [Address], message: String, evidence: [Finding.Evidence], remedy: String
  ) -> Finding {
    Finding(
      code, unknownSeverity, on: functions, message: message, evidence: evidence, remedy: remedy)
  }
}
