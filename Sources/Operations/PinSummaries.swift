import Checks
import Pins
import Transactions

extension PinRun {
  /// What is told of one pin.
  public var summary: ChangeSummary {
    var summary = self.set.map { ChangeSummary($0) } ?? ChangeSummary()
    summary.functions = functions
    summary.findings = allFindings
    summary.isAssignable = status == .done
    summary.outcome = outcome ?? ownOutcome.map { Outcome($0) }
    summary.note(removedRecords: hasRemovedRecords)
    return summary
  }

  /// Of what was never begun.
  private var ownOutcome: Outcome.Result? {
    switch result {
    case .planned: nil
    case .inPlace: .unchanged
    case .done: .done
    case .refused, .absent, .contested, .unusable, .missing: .refused
    case .rolledBack: .rolledBack
    case .partial: .partial
    case .timeout: .timeout
    }
  }
}

extension ApplyResult {
  public var summary: ChangeSummary {
    var summary = ChangeSummary(combining: (runs + pruned).map(\.summary))
    summary.outcome = isDryRun ? nil : summary.outcome ?? Outcome(.unchanged)
    return summary
  }
}

extension UnpinResult {
  public var summary: ChangeSummary {
    var summary = ChangeSummary()
    summary.functions = functions
    summary.plan = files.map { .file($0) }
    summary.outcome = isDryRun ? nil : Outcome(files.isEmpty ? .unchanged : .done)
    summary.hasChanged = !isDryRun && !files.isEmpty
    return summary
  }
}

extension ImageContent {
  public var summary: ChangeSummary {
    var summary = ChangeSummary()
    summary.functions = essential
    summary.plan = files.map { .file($0) }
    summary.hasChanged = files.contains { $0.prior != $0.content }
    summary.outcome = Outcome(summary.hasChanged == true ? .done : .unchanged)
    return summary
  }
}
