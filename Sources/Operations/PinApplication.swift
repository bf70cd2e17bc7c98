import Checks
import Host
import Inventory
import PCI
import Pins
import System
import Transactions

/// Pins on their way into place, one transaction each.
struct PinApplication {
  var change: Change
  let moment: BootMoment
  /// Serial numbers that were read to know the pins' functions, and how long that took.
  private(set) var verification = Verification()

  init(_ change: Change, _ moment: BootMoment) {
    self.change = change
    self.moment = moment
    if case .appeared = moment { self.change.patience = .seconds(5) }
  }

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
    let begun = change.invocation.runtime.clock.now
    let resolutions = change.workspace.resolve(pins + unnamed, wake: true)
    verification.functions += pins.flatMap(\.functions).count(where: \.hasSerial)
    verification.time += begun.duration(to: change.invocation.runtime.clock.now)
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
        done = PinRun(
          pin.name, PinError.duplicate(pin: others.first ?? "", other: pin.name, function: function))
      } else if let signal = change.invocation.runtime.signalName, !change.invocation.isDryRun {
        done = PinRun(
          pin.name,
          Diagnostic(.rolledBack, "stopped by \(signal) before pin \(pin.name)", next: "hostdev apply \(pin.name)"))
      } else {
        do { done = try apply(pin, resolution) } catch { done = PinRun(pin.name, error) }
      }
      done.resolution = resolution
      runs.append(done)
    }
    return runs
  }

  private mutating func apply(_ pin: Pin, _ resolution: Resolution) throws(Diagnostic) -> PinRun {
    let doubt = resolution.finding(pin, isRehearsal: !change.workspace.isHost)
    guard resolution.status.isFound else {
      guard let doubt else {
        var absent = PinRun(pin.name, .absent)
        absent.diagnostic = Diagnostic(
          .notFound, "cannot apply pin \(pin.name): \(resolution.reason)", path: PinFolder.file(pin.name),
          next: change.workspace.wayBack(of: pin) + "; or, to withdraw the pin: hostdev unpin \(pin.name)")
        return absent
      }
      var refused = PinRun(pin.name, .refused)
      refused.findings = [doubt]
      return refused
    }
    change.workspace.identityDoubts = [doubt].compactMap { $0 }
    defer { change.workspace.identityDoubts = [] }
    let forced = change.invocation.forced.union(pin.forced)
    let held = try change.records.readHeld()
    if let virtuals = pin.virtuals, let physical = resolution.functions.first {
      return try makeVirtualFunctions(
        VirtualFunctionsOperation(
          physical: physical, request: virtuals.request, forced: forced, held: held, pin: pin.name), of: pin)
    }
    let operation = BindOperation(
      functions: resolution.functions.sorted(), driver: pin.driver, addsMissing: change.invocation.addsMissing,
      forced: forced, held: held, pin: pin.name)
    let plan = try operation.plan(on: change.workspace)
    let set = plan.assessed
    var result = PinRun(pin.name, .inPlace)
    result.functions = set.functions
    result.set = set
    // What is in place needs no leave, unless it may be the place of something else.
    if set.plan.isEmpty, doubt == nil || set.blocking.isEmpty, change.workspace.interrupted(set.functions).isEmpty {
      if moment == .verify, !set.contested.isEmpty { result.result = .contested }
      return result
    }
    for place in plan.prior {
      if let driver = place.state.driver.name, !VFIODriver.leavesGroupViable(driver) {
        result.takenFrom[place.function] = driver
      }
    }
    try carryOut(operation, plan, into: &result)
    return result
  }

  /// The virtual functions of a physical one that stays with the host.
  private mutating func makeVirtualFunctions(_ operation: VirtualFunctionsOperation, of pin: Pin) throws(Diagnostic)
    -> PinRun
  {
    let plan = try operation.plan(on: change.workspace)
    let set = plan.assessed
    var result = PinRun(pin.name, .inPlace)
    result.virtuals = operation.request.count
    result.notes = plan.notes
    result.functions = set.functions + plan.present
    result.set = set
    if set.plan.isEmpty, set.blocking.isEmpty, change.workspace.interrupted(set.functions).isEmpty { return result }
    try carryOut(operation, plan, into: &result)
    return result
  }

  mutating func carryOut(
    _ operation: any HostOperation, _ plan: OperationPlan, into result: inout PinRun
  ) throws(Diagnostic) {
    let done = try change.carryOut(operation, plan)
    result.take(done)
    // Groups, drivers and modules are other ones now.
    if done.ending != .refused, done.outcome != nil { try change.lookAgain() }
  }
}
