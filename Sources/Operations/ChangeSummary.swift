import Checks
import PCI
import Planning
import Transactions

/// What every changing command tells, whatever it does: the keys that the JSON of each of them has.
public struct ChangeSummary {
  public var functions: [Address] = []
  /// What must be in the set too.
  public var missing: [Address] = []
  public var findings: [Finding] = []
  /// Nil if the command checks nothing.
  public var isAssignable: Bool?
  public var plan: [PlannedChange] = []
  /// Nil of a dry run, and if the command ended before it tried anything.
  public var outcome: Outcome?
  /// Whether the run left anything other than it was; nil if that is not known.
  public var hasChanged: Bool? = false

  public init() {}

  init(_ set: AssessedSet) {
    functions = set.functions
    missing = set.assessment.missing
    findings = set.assessment.findings
    isAssignable = set.blocking.isEmpty
    plan = set.plan.map { .step($0) }
  }

  /// What the outcome means, and that a record was removed, which is a change too.
  mutating func note(removedRecords: Bool) {
    if removedRecords, outcome?.result == .unchanged { outcome?.result = .done }
    hasChanged = outcome?.result.leavesChange == true || removedRecords
  }

  /// Several in one: the steps one after the other, the gravest outcome.
  init(combining parts: [ChangeSummary]) {
    functions = Set(parts.flatMap(\.functions)).sorted()
    missing = Set(parts.flatMap(\.missing)).sorted()
    let verdicts = parts.compactMap(\.isAssignable)
    isAssignable = verdicts.isEmpty ? nil : verdicts.allSatisfy { $0 }
    hasChanged = parts.contains { $0.hasChanged != false }
    for part in parts {
      findings += part.findings
      if let done = part.outcome {
        var all = outcome ?? Outcome(.unchanged)
        all.result = max(all.result, done.result)
        let first = plan.count
        all.steps += done.steps.map { $0.shifted(by: first) }
        outcome = all
      }
      plan += part.plan
    }
  }
}

/// One thing of a plan: a step on the way of a function, or a file of hostdev's own.
public enum PlannedChange {
  case step(Step)
  case file(FileChange)
}

/// A file as it was and will be; nil if it does not exist.
public struct FileChange: Equatable, Sendable {
  public let path: String
  public let prior: String?
  public let content: String?

  public init(_ path: String, from prior: String?, to content: String?) {
    self.path = path
    self.prior = prior
    self.content = content
  }
}

extension Outcome.Result: Comparable {
  /// By what a person must look at first.
  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .unchanged: 0
    case .done: 1
    case .refused: 2
    case .rolledBack: 3
    case .timeout: 4
    case .partial: 5
    }
  }

  /// Something is other than before the run, or may be.
  var leavesChange: Bool {
    switch self {
    case .done, .partial, .timeout: true
    case .unchanged, .refused, .rolledBack: false
    }
  }
}

extension OperationResult {
  public var summary: ChangeSummary {
    var summary = ChangeSummary(self.set)
    summary.outcome = outcome
    summary.note(removedRecords: hasRemovedRecords)
    return summary
  }
}

extension Diagnostic {
  /// Of a changing command that ended with this and nothing else.
  public var summary: ChangeSummary {
    var summary = refusal.map { ChangeSummary(AssessedSet(refusedBy: $0)) } ?? ChangeSummary()
    if refusal != nil { summary.outcome = Outcome(.refused) }
    summary.hasChanged = status == .software ? nil : leavesChange
    return summary
  }
}
