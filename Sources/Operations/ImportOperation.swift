import Checks
import Host
import PCI
import Pins
import Transactions

/// Which of other tools' settings become pins, and how.
public struct ImportRequest {
  /// These devices alone; all if it is empty.
  public var selectors: [String] = []
  /// The pin's, if it is one.
  public var name: String?
  /// Each pin is brought into place at once.
  public var isNow = false
  /// Makes the host's initramfs anew afterwards.
  public var maker: InitramfsMaker?

  public init() {}
}

/// One pin that is made of other tools' settings, checked as any pin is.
public struct ImportedPin {
  public let proposal: PinProposal
  public internal(set) var result: PinResult

  public var set: AssessedSet { result.set }
  public var pin: Pin { result.pin }
  public var isRefused: Bool { result.isRefused }
}

/// What other tools' settings come to.
public struct ImportResult {
  public internal(set) var pins: [ImportedPin] = []
  public internal(set) var left: [LeftAlone] = []
  /// The pins were written; else only shown.
  public let isWritten: Bool
  /// What is well and what is missing for the pins to be applied at the next boot.
  public internal(set) var nextBoot: [Finding] = []

  public var status: ExitStatus {
    .worst(of: pins.map(\.result.status) + [left.contains(where: \.isOpen) ? .refused : .done])
  }

  public var summary: ChangeSummary {
    var summary = ChangeSummary(combining: pins.map(\.result.summary))
    if isWritten, pins.isEmpty { summary.outcome = Outcome(.unchanged) }
    return summary
  }
}

extension Change {
  /// Makes pins of what driverctl, `vfio-pci.ids=` and modprobe.d say; writes them unless it is a dry run.
  public mutating func importPins(_ request: ImportRequest) throws(Diagnostic) -> ImportResult {
    let held = try records.readHeld()
    let examination = workspace.examine()
    if let trouble = examination.pinsTrouble {
      throw Diagnostic(.malformed, trouble.reason, path: PinFolder.path, next: "see: hostdev pins")
    }
    var plan = examination.importPlan()
    if !request.selectors.isEmpty {
      let set = Set(try workspace.set(request.selectors))
      plan.proposals.removeAll { set.isDisjoint(with: $0.functions) }
      plan.left.removeAll { set.isDisjoint(with: $0.functions) }
    }
    if let name = request.name { try requireFree(name, for: plan.proposals.count) }
    var result = ImportResult(isWritten: !invocation.isDryRun)
    result.left = plan.left
    for proposal in plan.proposals {
      let operation = BindOperation(
        functions: proposal.functions, driver: proposal.driver, addsMissing: invocation.addsMissing,
        forced: invocation.forced, held: held)
      let set = try operation.plan(on: workspace).assessed
      if let missing = set.missingModule { throw missing }
      let pin = workspace.declaration(
        request.name ?? proposal.name, of: set, description: "imported from \(places(proposal))",
        driver: proposal.driver, forced: invocation.forced)
      let file = FileChange(PinFolder.file(pin.name), from: nil, to: pin.text)
      var imported = ImportedPin(
        proposal: proposal, result: PinResult(set: set, pin: pin, file: file, isDryRun: invocation.isDryRun))
      if result.isWritten, !imported.isRefused {
        do { try workspace.pinFolder.write(pin) } catch { throw Diagnostic(error) }
        logForced(set)
        if request.isNow {
          let others = workspace.pinFolder.all().pins
          let (run, fate) = apply(pin, declaredIn: file, beside: others)
          imported.result.run = run
          imported.result.fate = fate
        }
      }
      result.pins.append(imported)
    }
    let written = result.pins.filter { !$0.isRefused && $0.result.status == .done }.map(\.pin.name)
    if result.isWritten {
      let done = written.isEmpty ? "no pin was declared" : "declared: \(written.joined(separator: " "))"
      try remake(request.maker, after: done, hasChanged: !written.isEmpty)
      if !written.isEmpty { result.nextBoot = workspace.nextBoot() }
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
