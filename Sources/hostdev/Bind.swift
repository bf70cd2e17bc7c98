import ArgumentParser
import Assessment
import Host
import PCI
import Report
import System
import Transactions

/// `hostdev bind`: check, then move the set to VFIO.
struct Bind: ChangingCommand {
  static let configuration = CommandConfiguration(abstract: "Check, then move the set to vfio-pci.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Option(
    help: ArgumentHelp("The VFIO driver; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws { try requireDriverName(driver) }

  func run() throws {
    let run = try Change(common, change)
    let wanted = Workspace.set(try run.workspace.resolve(selectors).unambiguous(in: run.workspace))
    let held = try run.held()
    func look() throws -> Binding {
      try Binding(
        run.workspace, wanted, driver: driver, whole: change.whole, forced: change.forced,
        held: Set(held.map(\.function)))
    }
    let binding = try look()
    try run.carryOut(binding.assessed, verb: "bound", again: { try look().assessed }) {
      run.journal(
        .bind, prior: binding.prior, target: binding.target, plan: binding.assessed.plan,
        holds: binding.holds(held, run.workspace, forced: change.forced))
    }
  }
}

extension [Workspace.Resolved] {
  /// Refuses ids that fit more than one device: a command that changes something must know which.
  func unambiguous(in workspace: Workspace) throws -> Self {
    for resolved in self {
      guard case .id = resolved.selector else { continue }
      let slots = Set(resolved.functions.map(\.slot)).sorted()
      if slots.count > 1 {
        throw Diagnostic(
          .usage,
          "\(resolved.text) fits \(slots.count) devices: \(resolved.functions.map(\.description).joined(separator: ", "))",
          next: "name the one that is meant by its address, as in: \(slots[0])")
      }
    }
    return self
  }
}
