import Assessment
import Assignment
import Host
import Inventory
import PCI
import Pins
import Report
import System
import Transactions

/// What it took to know the pins' functions by their serial numbers.
struct Verification {
  var functions = 0
  var time = Duration.zero

  var milliseconds: Int { Int(time / .milliseconds(1)) }
}

/// Pins on their way into place, one transaction each.
struct PinApplication {
  var run: Change
  let options: ChangeOptions
  /// One for all pins: the writes of the whole program are counted.
  let runner: Runner
  let moment: BootMoment.Kind

  init(_ run: Change, _ options: ChangeOptions, _ moment: BootMoment.Kind = .now) {
    self.run = run
    self.options = options
    self.moment = moment
    var runner = run.runner()
    if case .appeared = moment { runner.patience = .seconds(5) }
    self.runner = runner
  }

  /// Serial numbers that were read to know the pins' functions, and how long that took.
  private(set) var verification = Verification()

  /// `beside`: pins that are not asked for, and may mean the same functions. `settled`: functions of pins that are in
  /// place, and whose they are.
  mutating func apply(_ pins: [Pin], beside unnamed: [Pin], settled: [Address: String]) -> [PinRun] {
    // What another pin names may be a virtual function that is yet to come.
    let makers = pins.filter { $0.virtuals != nil }
    if !makers.isEmpty, makers.count < pins.count {
      let others = pins.filter { $0.virtuals == nil }
      return apply(makers, beside: unnamed + others, settled: settled)
        + apply(others, beside: unnamed + makers, settled: settled)
    }
    let begun = ContinuousClock.now
    let resolutions = run.workspace.resolve(pins + unnamed, wake: true)
    verification.functions += pins.flatMap(\.functions).count(where: \.hasSerial)
    verification.time += begun.duration(to: .now)
    // By serial number or ids two pins may have come to mean one function.
    var claims = settled.mapValues { [$0] }
    for (pin, resolution) in zip(pins + unnamed, resolutions) {
      for address in resolution.functions { claims[address, default: []].append(pin.name) }
    }
    var runs: [PinRun] = []
    for (pin, resolution) in zip(pins, resolutions) {
      if let subject = moment.subject, !resolution.functions.contains(subject),
        !resolution.concerned.contains(subject)
      {
        continue
      }
      var done: PinRun
      if let function = resolution.functions.first(where: { (claims[$0]?.count ?? 0) > 1 }) {
        let others = (claims[function] ?? []).filter { $0 != pin.name }
        done = PinRun(pin.name, Diagnostic(PinError.duplicate(others.first ?? "", pin.name, function)))
      } else if let signal = Interruption.signalName, !options.dryRun {
        done = PinRun(
          pin.name,
          Diagnostic(.rolledBack, "stopped by \(signal) before pin \(pin.name)", next: "hostdev apply \(pin.name)"))
      } else {
        done = attempt(pin, resolution)
      }
      done.resolution = resolution
      runs.append(done)
    }
    return runs
  }

  private mutating func attempt(_ pin: Pin, _ resolution: Resolution) -> PinRun {
    do { return try apply(pin, resolution) } catch let diagnostic as Diagnostic {
      return PinRun(pin.name, diagnostic)
    } catch {
      return PinRun(pin.name, Diagnostic(.usage, "apply pin \(pin.name): \(error)", next: "hostdev pins \(pin.name)"))
    }
  }

  private mutating func apply(_ pin: Pin, _ resolution: Resolution) throws -> PinRun {
    let doubt = resolution.finding(pin, isRehearsal: !run.workspace.isHost)
    guard resolution.standing.isFound else {
      guard let doubt else {
        var absent = PinRun(pin.name, .absent)
        absent.diagnostic = Diagnostic(
          .notFound, "apply pin \(pin.name): \(resolution.reason)", path: PinFolder.file(pin.name),
          next: "put it in, or withdraw the pin: hostdev unpin \(pin.name)")
        return absent
      }
      var refused = PinRun(pin.name, .refused)
      refused.findings = [doubt]
      return refused
    }
    run.workspace.identityDoubts = [doubt].compactMap { $0 }
    defer { run.workspace.identityDoubts = [] }
    let forced = options.forced.union(pin.forced)
    let held = try run.held()
    if let virtuals = pin.virtuals, let physical = resolution.functions.first {
      return try apply(pin, virtuals, of: physical, forced: forced, held: held)
    }
    func look(_ workspace: Workspace, isWhole: Bool) throws -> Binding {
      try Binding(
        workspace, resolution.functions.sorted(), driver: pin.driver, whole: isWhole, forced: forced,
        held: Set(held.map(\.function)))
    }
    let binding = try look(run.workspace, isWhole: options.whole)
    let set = binding.assessed
    var result = PinRun(pin.name, .inPlace)
    result.functions = set.functions
    result.set = set
    // What is in place needs nobody's leave, unless it may be somebody else's place.
    if set.plan.isEmpty, doubt == nil || set.blocking.isEmpty, run.workspace.interrupted(set.functions).isEmpty {
      if moment == .verify, !set.contested.isEmpty { result.result = .contested }
      return result
    }
    for place in binding.prior {
      if let driver = place.state.driver, !VFIODriver.leavesGroupViable(driver) {
        result.takenFrom[place.function] = driver
      }
    }
    let isWhole = options.whole
    try carryOut(&result, verb: .bind, again: { try look($0, isWhole: isWhole).assessed }) { run in
      run.journal(
        .bind, prior: binding.prior, target: binding.target, plan: set.plan,
        holds: binding.holds(held, run.workspace, forced: forced, pin: pin.name), forced: forced)
    }
    return result
  }

  /// The virtual functions of a physical one that stays with the host.
  private mutating func apply(
    _ pin: Pin, _ virtuals: PinnedVirtuals, of physical: Address, forced: Set<String>, held: [Hold]
  ) throws -> PinRun {
    func look(_ workspace: Workspace) throws -> Virtualizing {
      try Virtualizing(workspace, physical, virtuals.request, forced: forced, held: held, pin: pin.name)
    }
    let plan = try look(run.workspace)
    let set = plan.assessed
    var result = PinRun(pin.name, .inPlace)
    result.virtuals = virtuals.count
    result.notes = plan.notes
    result.functions = set.functions + plan.present
    result.set = set
    if set.plan.isEmpty, set.blocking.isEmpty, run.workspace.interrupted(set.functions).isEmpty { return result }
    try carryOut(&result, verb: .sriov, again: { try look($0).assessed }) { run in
      run.journal(
        .sriov, prior: plan.prior, target: plan.target, plan: set.plan, holds: plan.holds, forced: forced)
    }
    return result
  }

  /// Runs the plan of an assessed set, unless it is refused or only asked for.
  mutating func carryOut(
    _ result: inout PinRun, verb: Journal.Kind, again: @escaping (Workspace) throws -> AssessedSet,
    _ journal: (Change) -> Journal
  ) throws {
    guard let set = result.set else { return }
    if let missing = Change.missingModule(set) {
      result.result = .missing
      result.diagnostic = missing
      return
    }
    if !set.blocking.isEmpty {
      result.result = .refused
      if !options.dryRun { result.outcome = Outcome(result: .refused, steps: [], failure: nil, states: []) }
      return
    }
    if options.dryRun {
      result.result = .planned
      return
    }
    if run.workspace.isHost { run.logForced(set) }
    let workspace = run.workspace
    let last = LastLook(set, workspace) { try again(workspace) }
    var runner = runner
    runner.lastLook = last.look
    let outcome = runner.run(journal(run))
    result.outcome = outcome
    if let late = last.late, outcome.result == .refused {
      result.result = .refused
      result.set = late
      return
    }
    result.diagnostic = outcome.failure.map { Diagnostic(outcome.result, $0) }
    switch outcome.result {
    case .done: result.result = .done
    case .refused: result.result = .refused
    case .rolledBack: result.result = .rolledBack
    case .partial: result.result = .partial
    case .timeout: result.result = .timeout
    }
    // Groups, drivers and modules are other ones now.
    try run.lookAgain()
  }
}
