import Checks
import Host
import PCI
import Pins

/// One pin that is made of other tools' settings, checked as any pin is.
public struct ImportedPin {
  public let proposal: PinProposal
  public let set: AssessedSet
  public let pin: Pin

  public var isRefused: Bool { !set.blocking.isEmpty }
}

/// What other tools' settings come to.
public struct ImportResult {
  public internal(set) var pins: [ImportedPin] = []
  public internal(set) var left: [LeftAlone] = []
  /// The pins were written; else only shown.
  public let isWritten: Bool

  public var status: ExitStatus {
    pins.contains(where: \.isRefused) || left.contains(where: \.isOpen) ? .refused : .done
  }
}

extension Change {
  /// Makes pins of what driverctl, `vfio-pci.ids=` and modprobe.d say; writes them unless it is a dry run. `name`: the
  /// pin's, where it is one. `selectors`: these devices alone.
  public func importPins(_ selectors: [String], name: String? = nil) throws(Diagnostic) -> ImportResult {
    let held = try records.readHeld()
    let examination = workspace.examine()
    if let trouble = examination.pinsTrouble {
      throw Diagnostic(.malformed, trouble.reason, path: PinFolder.path, next: "see: hostdev pins")
    }
    var plan = examination.importPlan()
    if !selectors.isEmpty {
      let set = Set(try workspace.set(selectors))
      plan.proposals.removeAll { set.isDisjoint(with: $0.functions) }
      plan.left.removeAll { set.isDisjoint(with: $0.functions) }
    }
    if let name { try requireFree(name, for: plan.proposals.count) }
    var result = ImportResult(isWritten: !invocation.isDryRun)
    result.left = plan.left
    for proposal in plan.proposals {
      let operation = BindOperation(
        functions: proposal.functions, driver: proposal.driver, addsMissing: invocation.addsMissing,
        forced: invocation.forced, held: held)
      let set = try operation.plan(on: workspace).assessed
      if let missing = set.missingModule { throw missing }
      let pin = workspace.declaration(
        name ?? proposal.name, of: set, description: "imported from \(places(proposal))", driver: proposal.driver,
        forced: invocation.forced)
      let imported = ImportedPin(proposal: proposal, set: set, pin: pin)
      if result.isWritten, !imported.isRefused {
        do { try workspace.pinFolder.write(pin) } catch { throw Diagnostic(error) }
        logForced(set)
      }
      result.pins.append(imported)
    }
    return result
  }

  private func requireFree(_ name: String, for count: Int) throws(Diagnostic) {
    if count != 1 {
      throw Diagnostic(
        .usage, "--name is for one pin; these settings make \(count)",
        next: "name the device, too: hostdev import --name \(name) ADDRESS; to see the pins: hostdev import")
    }
    if workspace.pinFolder.exists(name) {
      throw Diagnostic(
        .usage, "pin \(name) already exists", path: PinFolder.file(name),
        next: "choose another name; or, to withdraw that pin: hostdev unpin \(name)")
    }
  }

  private func places(_ proposal: PinProposal) -> String {
    var places: [String] = []
    for source in proposal.sources where !places.contains(source.place) { places.append(source.place) }
    return places.joined(separator: ", ")
  }
}
