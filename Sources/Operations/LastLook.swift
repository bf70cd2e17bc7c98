import Assessment
import Inventory
import Report
import Transactions

/// What has appeared between the check and the first write, which a module's loading may keep waiting for a minute.
final class LastLook {
  private let first: AssessedSet
  private let workspace: Workspace
  private let again: () throws -> AssessedSet
  /// What was found, where that is a reason to go no further.
  private(set) var late: AssessedSet?

  /// `again` assesses the set once more, on a host that was looked at anew: what has appeared by then is refused,
  /// whatever was overruled.
  init(_ first: AssessedSet, _ workspace: Workspace, again: @escaping () throws -> AssessedSet) {
    self.first = first
    self.workspace = workspace
    self.again = again
  }

  func look() -> Failure? {
    let now: AssessedSet
    do {
      try workspace.lookAgain()
      now = try again()
    } catch { return Self.blind(error) }
    let appeared = now.assessment.appeared(since: first.assessment, forced: first.forced)
    guard let worst = appeared.first else { return nil }
    late = AssessedSet(
      functions: now.functions, assessment: Assessment(missing: now.assessment.missing, findings: appeared),
      forced: [], plan: first.plan, descriptorsSeen: now.descriptorsSeen, processesUnseen: now.processesUnseen)
    var failure = Failure(
      operation: "\(worst.code) appeared after the check", path: nil, errno: nil, state: "", next: worst.remedy)
    failure.isRefusal = true
    return failure
  }

  /// What could not be looked at again may be anything.
  private static func blind(_ error: any Error) -> Failure {
    let listing = (error as? InventoryError)?.cause
    let diagnostic = error as? Diagnostic
    let reason = listing.map { "\($0.verb)" } ?? diagnostic?.operation ?? "\(error)"
    var failure = Failure(
      operation: "look at the host again before the first write: \(reason)",
      path: listing?.path ?? diagnostic?.path, errno: listing?.errno.name ?? diagnostic?.errno, state: "",
      next: diagnostic?.next ?? "hostdev list --all shows what there is; then run it again")
    failure.isRefusal = true
    return failure
  }
}
