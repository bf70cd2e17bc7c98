import PCI

/// What a rule has to say about a set: the fact, its evidence, and what to do.
public struct Finding: Sendable, Equatable {
  public enum Severity: String, Sendable, Comparable {
    case info, warning, error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { self == .error ? 2 : self == .warning ? 1 : 0 }
  }

  /// Stable once released: `slot-incomplete`.
  public let code: String
  public var severity: Severity
  public let functions: [Address]
  /// The fact and the harm, in a sentence or two.
  public let message: String
  /// Where it was seen: an attribute and its value, a register, a chain of devices.
  public let evidence: [String]
  /// What to do, as commands that can be pasted where there are some.
  public var remedy: String
  /// What it rests on, each piece told from any other: the evidence, and of processes which they are.
  let grounds: [String]
  /// May `--force=CODE` overrule it?
  public let isForceable: Bool

  public init(
    _ code: String, _ severity: Severity, _ functions: [Address], message: String, evidence: [String] = [],
    remedy: String, isForceable: Bool, grounds: [String]? = nil
  ) {
    self.code = code
    self.severity = severity
    self.functions = functions
    self.message = message
    self.evidence = evidence
    self.grounds = grounds ?? evidence
    self.remedy = remedy
    self.isForceable = isForceable
  }
}
