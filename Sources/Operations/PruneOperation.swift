import Assessment
import Host
import Inventory
import PCI
import Pins
import Report
import Transactions

/// What no pin declares any longer goes back to the host.
extension PinApplication {
  /// Brings runs that were stopped half-way, or that a driver left waiting, to an end that is the host's; what is left
  /// without a driver by that gets the one that it would have had.
  mutating func giveUpInterrupted() throws -> [PinRun] {
    var runs: [PinRun] = []
    for journal in try run.open() {
      let recovered = runner.recover(journal)
      let name = journal.holds.lazy.compactMap(\.pin).first ?? journal.command.joined(separator: " ")
      try run.lookAgain()
      if let diagnostic = Recover.diagnostic(recovered) {
        var failed = PinRun(name, diagnostic)
        failed.functions = journal.set
        failed.isPruned = true
        runs.append(failed)
      } else if try !run.held().contains(where: { journal.set.contains($0.function) }) {
        var undone = try release(name, journal.set, [])
        if undone.result == .inPlace { undone.result = .done }
        undone.notes.append("a run that was stopped half-way was undone first")
        runs.append(undone)
      }
    }
    return runs
  }

  /// Gives back what a pin had brought to its driver and no pin declares any longer, a transaction each pin that was.
  mutating func prune(_ listing: PinListing) throws -> [PinRun] {
    let resolutions = run.workspace.resolve(listing.pins, wake: true)
    var declared = Set(resolutions.flatMap(\.functions))
    // Virtual functions follow their physical one.
    for (pin, resolution) in zip(listing.pins, resolutions) {
      guard let virtuals = pin.virtuals, let physical = resolution.functions.first.flatMap({ run.workspace.host[$0] })
      else { continue }
      let layout = VirtualLayout(run.workspace.sysfs, of: physical)
      declared.formUnion(layout.present.filter { $0.key < virtuals.count && virtuals.driver != nil }.map(\.value))
    }
    // A pin in doubt keeps what it had, whoever took it.
    for (pin, resolution) in zip(listing.pins, resolutions) where !resolution.standing.isFound {
      declared.formUnion(pin.functions.map(\.address))
      declared.formUnion(resolution.concerned)
    }
    // So do those of its virtual functions, and what it had elsewhere; and one whose file cannot be read.
    let found = zip(listing.pins, resolutions).filter { $1.standing.isFound }.map(\.0.name)
    let doubtful = Set(listing.names).subtracting(found)
    let held = try run.held()
    let left = held.filter { hold in
      guard let name = hold.pin else { return false }
      return !declared.contains(hold.function) && !doubtful.contains(name)
    }
    var runs: [PinRun] = []
    for name in Set(left.compactMap(\.pin)).sorted() {
      let functions = left.filter { $0.pin == name }.map(\.function)
      do { runs.append(try release(name, functions, held)) } catch let diagnostic as Diagnostic {
        runs.append(PinRun(name, diagnostic))
      }
    }
    return runs
  }

  private mutating func release(_ name: String, _ functions: [Address], _ held: [Hold]) throws -> PinRun {
    var result = PinRun(name, .inPlace)
    result.isPruned = true
    let there = functions.filter { run.workspace.host[$0] != nil }
    for gone in functions where !there.contains(gone) && !options.dryRun { try forget(gone) }
    result.functions = there
    let forced = options.forced
    func look(_ workspace: Workspace) -> Homecoming {
      Homecoming(workspace, there, held: held, driver: nil, leaveUnbound: false, isAll: false, forced: forced)
    }
    let homecoming = look(run.workspace)
    result.set = homecoming.assessed
    result.notes = homecoming.notes
    if homecoming.assessed.plan.isEmpty, homecoming.assessed.blocking.isEmpty {
      if !options.dryRun { for function in there { try forget(function) } }
      return result
    }
    try carryOut(&result, verb: .release, again: { look($0).assessed }) { run in
      run.journal(
        .release, prior: homecoming.prior, target: homecoming.target, plan: homecoming.assessed.plan)
    }
    return result
  }

  private func forget(_ function: Address) throws {
    do { try run.ledger.forget(function) } catch { throw Diagnostic(error, doing: "forget \(function)") }
  }
}
