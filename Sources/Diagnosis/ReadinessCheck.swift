import Assessment
import PCI

/// One thing that decides whether a host is ready, looked at.
public struct ReadinessCheck: Sendable, Equatable {
  public enum Severity: String, Sendable, Comparable {
    case ok, info
    /// What decides could not be read.
    case unknown
    case warning, error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .info: 1
      case .unknown: 2
      case .warning: 3
      case .error: 4
      }
    }
  }

  /// What is looked for, whether it was found or not; that of `check`'s finding where there is one. Stable once released.
  public let code: FindingCode
  public let severity: Severity
  /// Which functions it concerns; none where it is the host.
  public let functions: [Address]
  public let message: String
  /// File and line, attribute and value.
  public let evidence: [String]
  /// What to do, as commands that can be pasted where there are some; empty where nothing is to be done.
  public let remedy: String

  public init(
    _ code: FindingCode, _ severity: Severity, on functions: [Address] = [], _ message: String,
    evidence: [String] = [], remedy: String = ""
  ) {
    self.code = code
    self.severity = severity
    self.functions = functions
    self.message = message
    self.evidence = evidence
    self.remedy = remedy
  }
}
