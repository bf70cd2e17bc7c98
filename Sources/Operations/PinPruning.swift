import Checks
import Host
import Inventory
import PCI
import Pins
import Transactions

/// What no pin declares any longer goes back to the host.
extension PinApplication {
  /// Brings runs that were stopped half-way, or that a driver left waiting, to an end that is the host's; what is left
  /// without a driver by that gets the one that it would have had.
  mutating func giveUpInterrupted() throws(Diagnostic) -> [PinRun] {
    var runs: [PinRun] = []
    for journal in try change.records.readJournals() {
      let name = journal.holds.lazy.compactMap(\.pin).first ?? journal.command.joined(separator: " ")
      if change.invocation.isDryRun {
        runs.append(planned(change.runner().recoveryPlan(of: journal, by: change.workspace.look), name))
        continue
      }
      let recovered = change.runner().recover(journal)
      try change.lookAgain()
      if let diagnostic = Diagnostic(recovered) {
        runs.append(failed(name, diagnostic, moving: journal.set))
      } else if try !change.isHeld(anyOf: journal.set) {
        var undone = try release(name, journal.set, held: [])
        if undone.result == .inPlace { undone.result = .done }
        undone.notes.append("an interrupted run was undone first")
        runs.append(undone)
      }
    }
    return runs
  }

  private func failed(_ name: String, _ diagnostic: Diagnostic, moving functions: [Address]) -> PinRun {
    var run = PinRun(name, diagnostic)
    run.functions = functions
    run.isPruned = true
    return run
  }

  /// What is done with an interrupted run first. What is released after that depends on where it ends.
  private func planned(_ plan: RecoveryPlan, _ name: String) -> PinRun {
    if let diagnostic = plan.unchanged.flatMap({ Diagnostic($0) }) {
      return failed(name, diagnostic, moving: plan.journal.set)
    }
    var run = PinRun(name, .planned)
    run.functions = plan.journal.set
    run.set = AssessedSet(
      functions: run.functions, assessment: Assessment(missing: [], findings: []), forced: [], plan: plan.steps,
      usage: Usage())
    run.isPruned = true
    return run
  }

  /// Releases the functions that were moved for a pin and that no pin declares any longer, one transaction per old pin.
  mutating func prune(_ listing: PinListing) throws(Diagnostic) -> [PinRun] {
    let resolutions = change.workspace.resolve(listing.pins, wake: true)
    var declared = Set(resolutions.flatMap(\.functions))
    // Virtual functions follow their physical one.
    for (pin, resolution) in zip(listing.pins, resolutions) {
      guard let virtuals = pin.virtuals,
        let physical = resolution.functions.first.flatMap({ change.workspace.host[$0] })
      else { continue }
      let layout = VirtualLayout(change.workspace.sysfs, of: physical)
      declared.formUnion(layout.present.filter { $0.key < virtuals.count && virtuals.driver != nil }.map(\.value))
    }
    // A pin in doubt keeps the functions it had, even if they are held for another pin.
    for (pin, resolution) in zip(listing.pins, resolutions) where !resolution.status.isFound {
      declared.formUnion(pin.functions.map(\.address))
      declared.formUnion(resolution.concerned)
    }
    // So do those of its virtual functions, and what it had elsewhere; and one whose file cannot be read.
    let found = zip(listing.pins, resolutions).filter { $1.status.isFound }.map(\.0.name)
    let doubtful = Set(listing.names).subtracting(found)
    let held = try change.records.readHeld()
    let left = held.filter { hold in
      guard let name = hold.pin else { return false }
      return !declared.contains(hold.function) && !doubtful.contains(name)
    }
    var runs: [PinRun] = []
    for name in Set(left.compactMap(\.pin)).sorted() {
      let functions = left.filter { $0.pin == name }.map(\.function)
      do { runs.append(try release(name, functions, held: held)) } catch { runs.append(PinRun(name, error)) }
    }
    return runs
  }

  private mutating func release(_ name: String, _ functions: [Address], held: [Hold]) throws(Diagnostic) -> PinRun {
    let isDryRun = change.invocation.isDryRun
    var result = PinRun(name, .inPlace)
    result.isPruned = true
    let there = functions.filter { change.workspace.host[$0] != nil }
    for gone in functions where !there.contains(gone) && !isDryRun {
      try change.records.forgetting(gone)
      result.hasRemovedRecords = true
    }
    result.functions = there
    let operation = ReleaseOperation(functions: there, held: held, forced: change.invocation.forced)
    let plan = operation.plan(on: change.workspace)
    result.set = plan.assessed
    result.notes = plan.notes
    if plan.assessed.plan.isEmpty, plan.assessed.blocking.isEmpty {
      if !isDryRun {
        for function in there { try change.records.forgetting(function) }
        result.hasRemovedRecords = true
      }
      return result
    }
    try carryOut(operation, plan, into: &result)
    return result
  }
}

extension Change {
  fileprivate func isHeld(anyOf functions: [Address]) throws(Diagnostic) -> Bool {
    let functions = Set(functions)
    return try !functions.isDisjoint(with: records.readHeld().map(\.function))
  }
}
