import ArgumentParser
import Assessment
import Assignment
import Host
import Inventory
import PCI
import Report
import Transactions

/// `hostdev release`: give back to the host.
struct Release: ChangingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give back to the host: the driver it had, or would have had.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Everything that hostdev holds.")
  var all = false

  @Option(help: ArgumentHelp("Another home than the one it had.", valueName: "name"))
  var driver: String?

  @Flag(help: "Let no driver have it.")
  var leaveUnbound = false

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "--all takes no selectors" : "name a function, or --all")
    }
    if driver != nil, leaveUnbound { throw ValidationError("--driver and --leave-unbound exclude each other") }
    try requireDriverName(driver)
    if let driver, VFIODriver.isVFIO(driver) {
      throw ValidationError("\(driver) is a driver for guests: hostdev bind --driver \(driver) …")
    }
  }

  func run() throws {
    let run = try Change(common, change)
    let held = try run.held()
    if all, !change.dryRun { try forgetGone(held, run) }
    let set =
      all
      ? held.map(\.function).filter { run.workspace.host[$0] != nil }
      : Workspace.set(try run.workspace.resolve(selectors).unambiguous(in: run.workspace))
    func look() -> Homecoming {
      Homecoming(
        run.workspace, set, held: held, driver: driver, leaveUnbound: leaveUnbound, isAll: all, forced: change.forced)
    }
    let homecoming = look()
    for note in homecoming.notes { Output.progress(note) }
    let forgotten = set.filter { address in held.contains { $0.function == address } }
    if homecoming.assessed.plan.isEmpty, homecoming.assessed.blocking.isEmpty, !change.dryRun {
      // It is where it belongs already: somebody else gave it back.
      for function in forgotten {
        do { try run.ledger.forget(function) } catch { throw Diagnostic(error, doing: "forget \(function)") }
      }
    }
    try run.carryOut(homecoming.assessed, verb: "released", again: { look().assessed }) {
      run.journal(.release, prior: homecoming.prior, target: homecoming.target, plan: homecoming.assessed.plan)
    }
  }

  /// What was unplugged cannot be given back; the record of it goes.
  private func forgetGone(_ held: [Hold], _ run: Change) throws {
    for hold in held where run.workspace.host[hold.function] == nil {
      do { try run.ledger.forget(hold.function) } catch { throw Diagnostic(error, doing: "forget \(hold.function)") }
      Output.progress("\(hold.function): no longer there; its record is dropped")
    }
  }
}
