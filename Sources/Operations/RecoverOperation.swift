import PCI
import Planning
import Transactions

/// What `recover` did, or would do.
public struct RecoverResult {
  /// Runs that were finished or undone, or could not be.
  public internal(set) var recovered: [Recovered] = []
  /// Of a dry run: what each interrupted run would take.
  public internal(set) var planned: [RecoveryPlan] = []
  /// Pins that undone runs were for, and that are still declared.
  public internal(set) var declaredBy: [String] = []
  var isDryRun = false

  /// Of the run that most needs looking at.
  public var worst: Diagnostic? {
    let status = status
    return diagnostics.first { $0.status == status }
  }

  public var status: ExitStatus { .worst(of: diagnostics.map(\.status)) }

  /// Of a dry run: what keeps a run from being recovered now.
  private var diagnostics: [Diagnostic] {
    (recovered + planned.compactMap(\.unchanged)).compactMap { Diagnostic($0) }
  }

  public var summary: ChangeSummary {
    var summary = ChangeSummary(combining: recovered.map(\.summary) + planned.map(\.summary))
    if planned.isEmpty, !isDryRun, recovered.isEmpty { summary.outcome = Outcome(.unchanged) }
    return summary
  }
}

extension Recovered {
  fileprivate var summary: ChangeSummary {
    var summary = ChangeSummary()
    summary.functions = journal.set
    summary.plan = plan.map { .step($0) }
    summary.outcome = Outcome(result: outcomeResult, steps: steps, failure: nil, states: states)
    // A run that is left as it is took no step.
    summary.hasChanged = outcomeResult == .done || !steps.isEmpty
    return summary
  }

  private var outcomeResult: Outcome.Result {
    switch result {
    case .finished, .undone: .done
    case .pending: .timeout
    case .held, .stranger, .partial: .partial
    }
  }
}

extension RecoveryPlan {
  fileprivate var summary: ChangeSummary {
    var summary = ChangeSummary()
    summary.functions = journal.set
    summary.plan = steps.map { .step($0) }
    return summary
  }
}

extension Change {
  /// Finishes or undoes runs that were interrupted.
  public func recover() throws(Diagnostic) -> RecoverResult {
    let journals = try records.readJournals()
    if let doubt = workspace.namespaceDoubt {
      throw Diagnostic(
        .usage, "hostdev does not run in the host's own namespaces: \(doubt)",
        next: "nsenter --target 1 --all hostdev recover")
    }
    var result = RecoverResult()
    let runner = runner()
    if invocation.isDryRun {
      result.isDryRun = true
      result.planned = journals.map { runner.recoveryPlan(of: $0, by: workspace.look) }
      return result
    }
    invocation.runtime.rememberSignals()
    result.recovered = journals.map { runner.recover($0) }
    let undone = result.recovered.filter { $0.result == .undone }.flatMap(\.journal.holds).compactMap(\.pin)
    result.declaredBy = Set(undone).filter { workspace.pinFolder.exists($0) }.sorted()
    return result
  }
}

extension Workspace {
  /// Reads as a writer does, and writes nothing.
  var look: FunctionLook { FunctionLook(sysfs: sysfs, links: links) }
}

extension Diagnostic {
  /// Nil where the run was finished or undone.
  init?(_ result: Recovered) {
    let details = result.details.joined(separator: "; ")
    switch result.result {
    case .finished, .undone: return nil
    case .pending:
      self.init(
        .timeout, "cannot recover: a write has not returned", path: result.journal.pending.first?.path, state: details,
        next: "end the process that holds the device, then: hostdev recover")
    case .stranger:
      self.init(
        .partial, "cannot recover: another program changed a function meanwhile",
        path: "\(Records.folder)/journal/\(result.journal.id).json", state: "nothing was changed; " + details,
        next:
          "put the functions back as the record says, then: hostdev recover; or, if they are right as they are: rm \(Records.folder)/journal/\(result.journal.id).json"
      )
    case .held:
      self.init(
        .partial, "cannot recover: an unbind blocks while a process holds the device",
        state: "nothing was changed; " + details,
        next: "shut the guest down, or end the process, then: hostdev recover")
    case .partial:
      self.init(
        .partial, "cannot recover: the kernel refused", state: details,
        next: "see what the driver reports in dmesg, then: hostdev recover")
    }
  }
}
