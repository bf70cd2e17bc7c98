import Host
import PCI

/// What a rule has to say about a set or a host: the fact, its evidence, and what to do.
public struct Finding: Sendable, Equatable {
  public let code: FindingCode
  public var severity: Severity
  /// Which functions it concerns; none if it is the host.
  public let functions: [Address]
  /// The fact and the harm, in a sentence or two.
  public let message: String
  /// The place in which it was seen: an attribute and its value, a register, a file and line, a chain of devices.
  public let evidence: [Evidence]
  /// What to do short of `--force`, as commands that can be pasted if there are some.
  private let advice: String
  /// When `--force` is right, in words that follow *if*: of a finding that can be overruled, and whose rule knows.
  public let forceCondition: String?
  /// What it rests on, each piece told from any other: the evidence, and of processes which they are.
  let grounds: [String]
  /// May `--force=CODE` overrule it?
  public let isForceable: Bool

  /// `isForceable` is only given for a code of which some findings can be overruled and some cannot.
  public init(
    _ code: FindingCode, _ severity: Severity, on functions: [Address] = [], message: String,
    evidence: [Evidence] = [], remedy: String = "", forceIf condition: String? = nil, isForceable: Bool? = nil,
    grounds: [String]? = nil
  ) {
    self.code = code
    self.severity = severity
    self.functions = functions
    self.message = message
    self.evidence = evidence
    self.grounds = grounds ?? evidence.map(\.description)
    advice = remedy
    forceCondition = condition
    self.isForceable = isForceable ?? (code.explanation.force == .always)
  }

  /// What to do, and when `--force` is right if the rule knows; empty if there is nothing to do.
  public var remedy: String {
    guard let forceCondition else { return advice }
    let force = "if \(forceCondition): --force=\(code)"
    return advice.isEmpty ? force : "\(advice); or, \(force)"
  }
}

extension Finding {
  /// The same fact with another remedy.
  func advising(_ remedy: String) -> Finding {
    Finding(
      code, severity, on: functions, message: message, evidence: evidence, remedy: remedy, isForceable: isForceable,
      grounds: grounds)
  }

  /// What `check` finds of a set, as `doctor` has it: of the host as a whole, with what its settings say besides.
  func ofHost(concerning functions: [Address] = [], adding more: [Evidence] = [], remedy: String) -> Finding {
    Finding(
      code, severity, on: functions, message: message, evidence: evidence + more, remedy: remedy,
      isForceable: isForceable)
  }
}

extension Finding {
  public enum Severity: String, Sendable, Comparable {
    /// What was looked for is well.
    case ok
    case info
    /// What decides could not be read, and nothing depends on it now.
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

  /// One thing that was seen.
  public struct Evidence: Sendable, Hashable {
    /// The file or attribute that shows it, if it is one and the program has to know.
    public let path: String?
    /// What that reads; or the whole of it, in words.
    public let value: String

    public init(path: String? = nil, value: String) {
      self.path = path
      self.value = value
    }

    public init(_ source: SourceLine) { self.init(path: source.place, value: source.text) }
  }
}

extension [Finding.Evidence] {
  /// Lines in words, and paths of which it matters that they are there.
  static func plain(_ lines: [String]) -> Self { lines.map { Finding.Evidence(value: $0) } }
}

extension Finding.Evidence: CustomStringConvertible, ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self.init(value: value) }

  public var description: String { path.map { "\($0): \(value)" } ?? value }
}
