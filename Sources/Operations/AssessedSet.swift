import Checks
import Planning
import Host
import PCI

/// A set that was assessed, with the plan that it has: what `check` and every changing command show.
public struct AssessedSet: Sendable {
  public let functions: [Address]
  public let assessment: Assessment
  public let forced: Set<FindingCode>
  public let plan: [Step]
  public let descriptorsSeen: Int
  public let processesUnseen: Int
  /// Virtual functions that the plan takes away, and those that it makes; one may be in both.
  public var virtualFunctions: (gone: [Address], made: [Address])?
  /// Of a refused set that lacks functions: the errors that are left once it has them.
  public internal(set) var withMissing: [Finding]?

  public init(
    functions: [Address], assessment: Assessment, forced: Set<FindingCode>, plan: [Step], descriptorsSeen: Int,
    processesUnseen: Int
  ) {
    self.functions = functions
    self.assessment = assessment
    self.forced = forced
    self.plan = plan
    self.descriptorsSeen = descriptorsSeen
    self.processesUnseen = processesUnseen
  }

  init(functions: [Address], assessment: Assessment, forced: Set<FindingCode>, plan: [Step], usage: Usage) {
    self.init(
      functions: functions, assessment: assessment, forced: forced, plan: plan,
      descriptorsSeen: usage.descriptorsSeen, processesUnseen: usage.processesUnseen)
  }

  public var blocking: [Finding] { assessment.blocking(forced: forced) }

  public var status: ExitStatus { blocking.isEmpty ? .done : .refused }

  /// Errors that speak against a set that is in place. That a guest has it is what it is there for.
  var contested: [Finding] {
    blocking.filter { ![.guestRunning, .heldOpen, .interrupted].contains($0.code) }
  }

  /// Why, where nothing but a missing module keeps it from moving.
  var missingModule: Diagnostic? {
    guard let module = assessment.missingModule, !blocking.isEmpty, blocking.allSatisfy({ $0.code == .moduleMissing })
    else { return nil }
    return Diagnostic(.missing, module.statement, path: module.evidence.path, next: module.remedy)
  }
}

extension AssessedSet {
  /// Of what is refused before it is known which functions are meant.
  public init(refusedBy finding: Finding) {
    self.init(
      functions: [], assessment: Assessment(missing: [], findings: [finding]), forced: [], plan: [],
      descriptorsSeen: 0, processesUnseen: 0)
  }
}
