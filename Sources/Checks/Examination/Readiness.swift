/// The results of all rules for one host.
public struct Readiness: Sendable, Equatable {
  /// Worst first, then as the rules stand.
  public let findings: [Finding]

  public init(of examination: Examination) {
    findings = Rules.ofHosts.flatMap { $0.findings(on: examination) }.worstFirst
  }

  /// Nothing is in the way of giving a device to a guest.
  public var isReady: Bool { !findings.contains { $0.severity == .error } }
}
