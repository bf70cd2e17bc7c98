import Checks
import Planning
import Host
import System
import Transactions

extension Change {
  /// Runs the plan of an operation, unless it is refused, only asked for, or nothing is to be done. It is assessed once
  /// more when all is ready for the first write: see `Recheck`.
  func carryOut(_ operation: any HostOperation, _ plan: OperationPlan) throws(Diagnostic) -> OperationResult {
    let set = plan.assessed
    if let missing = set.missingModule { return OperationResult(.failed, set, diagnostic: missing) }
    if !set.blocking.isEmpty {
      return OperationResult(.refused, set, outcome: invocation.isDryRun ? nil : Outcome(.refused))
    }
    if invocation.isDryRun { return OperationResult(.planned, set) }
    invocation.report(.assessed(set))
    if set.plan.isEmpty {
      var result = OperationResult(.done, set, outcome: Outcome(.unchanged))
      result.before = set.functions.compactMap { address in
        workspace.host[address].map { Placement(address, $0.state) }
      }
      result.idle = operation.kind
      return result
    }
    logForced(set)
    let recheck = Recheck(operation, since: set, on: workspace)
    var runner = runner()
    runner.recheck = recheck.failure
    // From here on a signal is an order to put back.
    invocation.runtime.rememberSignals()
    let outcome = runner.run(journal(operation.kind, plan))
    if let late = recheck.late, outcome.result == .refused { return OperationResult(.refused, late, outcome: outcome) }
    let diagnostic = outcome.failure.map { Diagnostic(outcome.result, $0) }
    var result = OperationResult(diagnostic == nil ? .done : .failed, set, outcome: outcome, diagnostic: diagnostic)
    result.before = plan.prior
    return result
  }

  private func journal(_ kind: Journal.Kind, _ plan: OperationPlan) -> Journal {
    let now = invocation.runtime.clock.seconds
    let owner = invocation.runtime.ownProcess
    return Journal(
      id: id(now, owner), kind: kind, command: invocation.recorded, owner: owner, begun: now,
      identities: Dictionary(
        plan.prior.compactMap { place in workspace.host[place.function].map { (place.function, Identity($0)) } },
        uniquingKeysWith: { first, _ in first }), prior: plan.prior, target: plan.target, plan: plan.assessed.plan,
      forced: plan.assessed.forced.sorted().map(\.rawValue), holds: plan.holds)
  }

  /// One program may have several runs in a second, and the journal of one that failed is still open.
  private func id(_ now: Int, _ owner: ProcessIdentity?) -> String {
    let name = "\(now)-\(owner?.pid ?? 0)"
    let taken = Set(((try? records.openJournals()) ?? []).map(\.id))
    return ([name] + (2...100).map { "\(name)-\($0)" }).first { !taken.contains($0) } ?? name
  }

  /// What was overruled, and by whom it was asked; the journal has it as well, but not for longer than the host runs.
  func logForced(_ set: AssessedSet) {
    guard workspace.isHost else { return }
    for finding in set.assessment.findings
    where finding.severity == .error && finding.isForceable && set.forced.contains(finding.code) {
      SystemLog.write(
        "\(invocation.typed): overruled \(finding.code) for \(finding.functions.map(\.description).joined(separator: " ")): \(finding.message) [\(finding.evidence.map(\.description).joined(separator: "; "))]"
      )
    }
  }
}

extension Outcome {
  /// Of a run that was none.
  init(_ result: Result) { self.init(result: result, steps: [], failure: nil, states: []) }
}
