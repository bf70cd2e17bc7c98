import Checks
import Pins
import Transactions

/// The result of a declaration.
public struct PinResult {
  public let set: AssessedSet
  public let pin: Pin
  /// What is written; nil if the pin stands already and says the same.
  public let file: FileChange?
  public let isDryRun: Bool
  /// The functions are moved at once.
  public internal(set) var isMovedNow = false
  /// How they were moved.
  public internal(set) var run: PinRun?
  public internal(set) var fate = DeclarationFate.stands
  /// What is well and what is missing for the pin to be applied at the next boot.
  public internal(set) var nextBoot: [Finding] = []

  init(set: AssessedSet, pin: Pin, file: FileChange?, isDryRun: Bool) {
    self.set = set
    self.pin = pin
    self.file = file
    self.isDryRun = isDryRun
  }

  /// It is declared already. What is found of it now does not matter: a guest may be using it.
  public var isUnchanged: Bool { file == nil }
  public var isRefused: Bool { !isUnchanged && self.set.status == .refused }
  public var status: ExitStatus { run?.status ?? (isRefused ? .refused : .done) }

  public var summary: ChangeSummary {
    var declared = ChangeSummary(self.set)
    declared.isAssignable = !isRefused
    declared.plan = isRefused ? [] : [file].compactMap { $0 }.map { .file($0) }
    if !isDryRun { declared.outcome = Outcome(isRefused ? .refused : isUnchanged ? .unchanged : .done) }
    declared.hasChanged = !isDryRun && !isRefused && !isUnchanged
    if let run { return summary(of: run, after: declared) }
    // Of a dry run.
    if isMovedNow, !isRefused { declared.plan += self.set.plan.map { .step($0) } }
    return declared
  }

  private func summary(of run: PinRun, after declared: ChangeSummary) -> ChangeSummary {
    var first = declared
    if case .withdrawn = fate { first.hasChanged = false }
    // The functions were looked at once more: what was found then is what counts.
    first.findings = []
    var summary = ChangeSummary(combining: [first, run.summary])
    if case .withdrawn = fate, let result = run.summary.outcome?.result { summary.outcome?.result = result }
    return summary
  }
}
