import Assessment
import Report
import Transactions

/// Looks at the host once more, when all is ready for the first write: a module may have taken a minute to load. What
/// has appeared since the check is refused, whatever was overruled then.
final class LastLook {
  private let workspace: Workspace
  private let first: AssessedSet
  private let again: () throws -> AssessedSet
  /// What is refused now; nil where nothing is.
  private(set) var refused: AssessedSet?

  /// `again` assesses the set `first` anew.
  init(_ workspace: Workspace, since first: AssessedSet, again: @escaping () throws -> AssessedSet) {
    self.workspace = workspace
    self.first = first
    self.again = again
  }

  func appeared() -> Failure? {
    workspace.lookAgain()
    // What has become of a function that is gone is for the writes to find out.
    guard let now = try? again() else { return nil }
    let findings = now.assessment.appeared(since: first.assessment, forced: first.forced)
    guard let worst = findings.first else { return nil }
    refused = AssessedSet(
      functions: now.functions, assessment: Assessment(missing: now.assessment.missing, findings: findings),
      forced: [], plan: first.plan, descriptorsSeen: now.descriptorsSeen, processesUnseen: now.processesUnseen)
    var failure = Failure(
      operation: "\(worst.code) appeared after the check: \(worst.message)", path: nil, errno: nil, state: "",
      next: worst.remedy)
    failure.isRefusal = true
    return failure
  }
}
