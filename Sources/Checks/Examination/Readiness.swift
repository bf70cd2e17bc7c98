/// The results of all rules for one host.
public struct Readiness: Sendable, Equatable {
  /// Worst first, then as the rules stand.
  public let findings: [Finding]

  public init(of examination: Examination) {
    findings = Rules.ofHosts.flatMap { $0.findings(on: examination) }.worstFirst.recoveringFirst
  }

  /// Of the next boot alone: does it apply the pins?
  public init(ofNextBoot examination: Examination) {
    findings = Rules.ofNextBoot.flatMap { $0.findings(on: examination) }.worstFirst
  }

  public enum Verdict: String, Sendable {
    case ready
    case notReady = "not-ready"
    /// Nothing is known to be in the way, and what decides could not be read.
    case unknown
  }

  /// Without an IOMMU or vfio-pci nothing can be given to a guest, and what takes a function that the host uses takes the
  /// host: if that could not be read, the host is not known to be ready. What else is unknown concerns single functions.
  private static let decisive: Set<FindingCode> = FindingCode.usesOfHost.union([.iommuOff, .moduleMissing, .heldOpen])

  public var verdict: Verdict {
    if findings.contains(where: { $0.severity == .error }) { return .notReady }
    return findings.contains { $0.severity == .unknown && Self.decisive.contains($0.code) } ? .unknown : .ready
  }

  /// Nothing is in the way of giving a device to a guest.
  public var isReady: Bool { verdict == .ready }
}
