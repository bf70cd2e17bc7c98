import Checks
import Planning
import Host
import PCI
import Pins
import Transactions

/// The result for one pin, or for functions that are released because no pin declares them.
public struct PinRun {
  public enum Result: String {
    /// It was as declared already.
    case inPlace = "in-place"
    case done
    /// Only asked for.
    case planned
    case refused
    /// A function of it is not there.
    case absent
    /// It is as declared, but the host's configuration is in conflict with that.
    case contested
    /// The file cannot be used.
    case unusable
    case rolledBack = "rolled-back"
    case partial
    case timeout
    /// Something that the host must have is missing.
    case missing
  }

  public let name: String
  public internal(set) var result: Result
  /// What it resolved to.
  public internal(set) var functions: [Address] = []
  public internal(set) var resolution: Resolution?
  public internal(set) var set: AssessedSet?
  /// Findings where there is no set.
  public internal(set) var findings: [Finding] = []
  public internal(set) var outcome: Outcome?
  /// Drivers of the host that had a function before it was moved.
  public internal(set) var takenFrom: [Address: String] = [:]
  /// Where functions were before the run.
  public internal(set) var before: [Placement] = []
  /// Records of what is no longer held were removed.
  var hasRemovedRecords = false
  public internal(set) var diagnostic: Diagnostic?
  /// What a user should know beside: what will not be put back, what is left unbound.
  public internal(set) var notes: [String] = []
  /// How many virtual functions the pin wants of its one function.
  public internal(set) var virtuals: Int?
  /// No pin declares it any longer.
  public internal(set) var isPruned = false

  init(_ name: String, _ result: Result) {
    self.name = name
    self.result = result
  }

  /// The file of the pin cannot be used.
  init(_ name: String, _ error: PinError) {
    self.init(name, .unusable)
    diagnostic = Diagnostic(error)
  }

  /// It was not brought into place, or not to its end.
  init(_ name: String, _ diagnostic: Diagnostic) {
    self.init(name, Result(diagnostic.status))
    self.diagnostic = diagnostic
    findings = [diagnostic.refusal].compactMap { $0 }
  }

  /// The exit status that it would have alone.
  public var status: ExitStatus {
    diagnostic?.status ?? (result == .refused || result == .contested ? .refused : .done)
  }

  public var allFindings: [Finding] { self.set?.assessment.findings ?? findings }

  /// The result of its operation.
  mutating func take(_ done: OperationResult) {
    set = done.set
    outcome = done.outcome
    before = done.before
    diagnostic = done.diagnostic
    switch (done.ending, done.outcome?.result) {
    case (.refused, _): result = .refused
    case (.planned, _): result = .planned
    case (_, .done): result = .done
    case (_, .unchanged): result = .inPlace
    case (_, .refused): result = .refused
    case (_, .rolledBack): result = .rolledBack
    case (_, .partial): result = .partial
    case (_, .timeout): result = .timeout
    case (_, nil): result = .missing
    }
  }
}

extension PinRun.Result {
  /// Of a pin for which the operation ended early.
  fileprivate init(_ status: ExitStatus) {
    switch status {
    case .done: self = .done
    case .refused: self = .refused
    case .rolledBack: self = .rolledBack
    case .partial: self = .partial
    case .timeout: self = .timeout
    case .notFound: self = .absent
    case .missing: self = .missing
    // What the pin asks for cannot be, or a record cannot be read: as long as that is so the pin is of no use.
    case .usage, .malformed, .software, .locked, .notRoot: self = .unusable
    }
  }
}
