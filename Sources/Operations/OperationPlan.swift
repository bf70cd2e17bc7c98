import Planning
import Host
import PCI
import Transactions

/// Something that is to be done to a set of functions: it assesses them and makes a plan, as often as it is asked.
protocol HostOperation {
  var kind: Journal.Kind { get }

  /// Assesses and plans on the host as the workspace sees it now. Changes nothing but what is known of the host.
  func plan(on workspace: Workspace) throws(Diagnostic) -> OperationPlan
}

/// An operation on its way: what was found, where each function is and is to go, and what is remembered when it is there.
public struct OperationPlan {
  public var assessed: AssessedSet
  public internal(set) var prior: [Placement] = []
  public internal(set) var target: [Placement] = []
  /// Where each that goes to a guest's driver came from.
  var holds: [Hold] = []
  /// The virtual functions that are to be there, by their index.
  var present: [Address] = []
  /// What a user should know.
  public internal(set) var notes: [String] = []

  init(_ assessed: AssessedSet) { self.assessed = assessed }
}

/// The result of an operation.
public struct OperationResult {
  public enum Ending: Sendable {
    case refused
    /// Only asked for.
    case planned
    case done
    /// `diagnostic` says why and what the state is now.
    case failed
  }

  public let ending: Ending
  /// As it was assessed; where something appeared after that, as it was then.
  public let set: AssessedSet
  /// Nil where nothing was tried, nor was to be.
  public internal(set) var outcome: Outcome?
  public internal(set) var diagnostic: Diagnostic?
  /// Where functions were before the run.
  public internal(set) var before: [Placement] = []
  /// What had nothing to do; nil if there was something. Of an idle release hostdev holds none of the functions: a record
  /// of what is home already has been removed.
  public internal(set) var idle: Journal.Kind?
  /// Of a release: functions that do not exist any more, of which the record went.
  public internal(set) var forgotten: [Address] = []
  /// Of a bind: no pin declares one of the functions.
  public internal(set) var canBePinned = false
  /// Of a release: pins that declare the functions, and take them again.
  public internal(set) var declaredBy: [String] = []
  /// Records of what is no longer held were removed.
  public internal(set) var hasRemovedRecords = false

  init(_ ending: Ending, _ set: AssessedSet, outcome: Outcome? = nil, diagnostic: Diagnostic? = nil) {
    self.ending = ending
    self.set = set
    self.outcome = outcome
    self.diagnostic = diagnostic
  }

  public var status: ExitStatus { diagnostic?.status ?? (ending == .refused ? .refused : .done) }

  /// Where a function is now.
  public func state(of address: Address) -> State? {
    outcome?.states.first { $0.function == address }?.state
  }
}
