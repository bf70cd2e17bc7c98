import Checks
import Inventory
import Transactions

/// What has appeared between the check and the first write, which a module's loading may keep waiting for a minute.
final class Recheck {
  private let first: AssessedSet
  private let workspace: Workspace
  private let operation: any HostOperation
  /// What was found, where that is a reason to go no further.
  private(set) var late: AssessedSet?

  /// The operation is assessed once more, on a host that was looked at anew: what has appeared since `first` is refused,
  /// whatever was overruled.
  init(_ operation: any HostOperation, since first: AssessedSet, on workspace: Workspace) {
    self.operation = operation
    self.first = first
    self.workspace = workspace
  }

  func failure() -> Failure? {
    do { try workspace.lookAgain() } catch {
      return Self.blind(
        "\(error.cause.verb)", path: error.cause.path, errno: error.cause.errno.name,
        next: "run it again; to see the functions: hostdev list --all")
    }
    let now: AssessedSet
    do { now = try operation.plan(on: workspace).assessed } catch {
      return Self.blind(error.operation, path: error.path, errno: error.errno, next: error.next)
    }
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
  private static func blind(_ reason: String, path: String?, errno: String?, next: String) -> Failure {
    var failure = Failure(
      operation: "cannot check the host again before the first write: \(reason)", path: path, errno: errno, state: "",
      next: next)
    failure.isRefusal = true
    return failure
  }
}
