import Checks
import Planning
import Host
import Inventory
import PCI
import Transactions

extension Change {
  /// Gives back to the host. `selectors`: nil for everything that hostdev holds. `driver`: another home than the one that
  /// each had. `leaveUnbound`: no driver is to have it.
  public mutating func release(
    _ selectors: [String]?, driver: String? = nil, leaveUnbound: Bool = false
  ) throws(Diagnostic) -> OperationResult {
    let held = try records.readHeld()
    let (remaining, forgotten) = try forgetGone(held, named: selectors)
    let set = if let remaining { try workspace.unambiguousSet(remaining) } else { try all(held) }
    let operation = ReleaseOperation(
      functions: set, held: held, forced: invocation.forced, driver: driver.map(workspace.driver(named:)),
      leaveUnbound: leaveUnbound,
      isAll: selectors == nil)
    let plan = operation.plan(on: workspace)
    for note in plan.notes { invocation.report(.note(note)) }
    invocation.noteForce(among: plan.assessed.assessment.findings)
    var atHome: [Address] = []
    if plan.assessed.plan.isEmpty, plan.assessed.blocking.isEmpty, !invocation.isDryRun {
      // Another program moved the functions to the requested state already. Only the record is removed.
      atHome = set.filter { function in held.contains { $0.function == function } }
      for function in atHome { try records.forgetting(function) }
    }
    let pins = workspace.declaredPins().pins.filter { !Set($0.functions).isDisjoint(with: set) }
    var result = try carryOut(operation, plan)
    result.forgotten = forgotten
    result.hasRemovedRecords = !forgotten.isEmpty || !atHome.isEmpty
    result.declaredBy = pins.map(\.name)
    return result
  }

  /// Everything that is held, and what an interrupted run was moving: that is told, as for each by its name.
  private func all(_ held: [Hold]) throws(Diagnostic) -> [Address] {
    let interrupted = try records.readJournals().filter { !$0.isUnderWay(on: invocation.runtime) }.flatMap(\.set)
    return Set(held.map(\.function) + interrupted).filter { workspace.host[$0] != nil }.sorted()
  }
}

/// A set back to the host: where each function goes, and the plan.
struct ReleaseOperation: HostOperation {
  let kind = Journal.Kind.release
  let functions: [Address]
  let held: [Hold]
  let forced: Set<FindingCode>
  /// Another home than the one that each had.
  var driver: String?
  var leaveUnbound = false
  /// Everything that hostdev holds was asked for.
  var isAll = false

  func plan(on workspace: Workspace) -> OperationPlan {
    workspace.detail(functions)
    let aliases = ModuleAliases(workspace.sysfs, workspace.surroundings)
    var matches: [Address: DriverMatch] = [:]
    var prior: [Placement] = []
    var target: [Placement] = []
    var notes: [String] = []
    for address in functions {
      guard let function = workspace.host[address] else { continue }
      prior.append(Placement(address, function.state))
      let hold = held.first { $0.function == address && $0.identity.agrees(with: Identity(function)) }
      if let driver {
        if hold?.home.driver != .bound(driver), driver != function.driver.value {
          matches[address] = aliases.knows(function, driver: driver).map { $0 ? .matches : .doesNot } ?? .unknown
        }
        target.append(
          Placement(
            address,
            State(driver: driver, override: hold.flatMap { $0.home.driver == .bound(driver) ? $0.home.override : nil })
          ))
      } else if leaveUnbound {
        // The name that driverctl uses as well: no driver is called that, so none will take it.
        target.append(Placement(address, State(driver: nil, override: "none")))
      } else {
        target.append(Placement(address, Self.home(of: function, hold: hold, aliases: aliases, notes: &notes)))
      }
    }
    let returning = Self.returning(prior, target)
    let sleepers = returning.filter { workspace.host[$0].map(workspace.sleeps) ?? false }
    for place in target.indices where sleepers.contains(target[place].function) {
      // What its driver makes of it is right, unless it was recorded.
      let kept = target[place].state.attributes[Step.powerControl] ?? .any
      target[place].state.attributes[Step.powerControl] = kept
    }
    Self.readAttributes(of: &prior, and: &target, from: workspace)
    let virtual = Self.virtual(prior, target, in: workspace)
    let usage = workspace.evidence.gather(functions + virtual, in: workspace.host)
    let answering = returning.compactMap { workspace.host[$0] }.reduce(into: [:]) {
      $0[$1.address] = workspace.answeringID($1)
    }
    let moves =
      sleepers.sorted().compactMap { workspace.host[$0] }.flatMap(workspace.wakes)
      + converge(
        from: prior, to: target, resetting: Self.used(prior, target, in: workspace.host), answering: answering)
    let loads = workspace.loads(before: moves, aliases)
    // What is not moved needs no leave.
    let needsNoLeave = !moves.contains { $0.function != nil } && workspace.interrupted(functions).isEmpty
    let situation = workspace.situation(
      functions, .release(all: isAll, losing: Self.lost(prior, target).union(virtual)), usage: usage, matches: matches,
      held: Set(held.map(\.function)))
    let assessment = needsNoLeave ? Assessment(missing: [], findings: []) : Assessment(of: situation)
    var plan = OperationPlan(
      AssessedSet(functions: functions, assessment: assessment, forced: forced, plan: loads + moves, usage: usage))
    plan.prior = prior
    plan.target = target
    plan.notes = notes
    return plan
  }

  /// Functions that a driver of the host gets, which may hang on one that does not answer.
  private static func returning(_ prior: [Placement], _ target: [Placement]) -> Set<Address> {
    let found = zip(prior, target).filter { prior, target in
      prior.state.driver != target.state.driver
        && (target.state.driver == .any && prior.state.driver.name.map(VFIODriver.leavesGroupViable) ?? true
          || target.state.driver.name.map { !VFIODriver.leavesGroupViable($0) } ?? false)
    }
    return Set(found.map(\.0.function))
  }

  /// Virtual functions that disappear as the driver of their physical one goes, and that were not asked for.
  private static func virtual(_ prior: [Placement], _ target: [Placement], in workspace: Workspace) -> [Address] {
    let moved = zip(prior, target).filter { $0.state.driver != $1.state.driver && $0.state.driver.name != nil }
      .compactMap { workspace.host[$0.0.function] }
    let found = Set(
      moved.flatMap { workspace.host.removals(with: $0) }.filter { $0.cause == .virtual }.flatMap(\.functions)
    )
    .subtracting(prior.map(\.function)).sorted()
    if !found.isEmpty { workspace.detail(found) }
    return found
  }

  /// Functions that would be taken from a driver of the host.
  private static func lost(_ prior: [Placement], _ target: [Placement]) -> Set<Address> {
    let found = zip(prior, target).filter { prior, target in
      guard let driver = prior.state.driver.name, !VFIODriver.leavesGroupViable(driver) else { return false }
      return target.state.driver != .bound(driver) && target.state.driver != .any
    }
    return Set(found.map(\.0.function))
  }

  /// Functions that a guest may have used, that go to a host driver, and whose reset, according to the kernel, reaches
  /// no other function.
  private static func used(_ prior: [Placement], _ target: [Placement], in host: Host) -> Set<Address> {
    let found = zip(prior, target).filter { prior, target in
      guard prior.state.driver.name.map(VFIODriver.isVFIO) == true, let home = target.state.driver.name,
        !VFIODriver.leavesGroupViable(home), let function = host[prior.function]
      else { return false }
      let forecast = ResetForecast(of: function, in: host)
      return forecast.reach == .function && forecast.affects.isEmpty && forecast.source == .kernel
    }
    return Set(found.map(\.0.function))
  }

  /// Attributes that go back to what they were are read as they are; one that cannot be read is left alone.
  private static func readAttributes(
    of prior: inout [Placement], and target: inout [Placement], from workspace: Workspace
  ) {
    for place in target.indices {
      for name in target[place].state.attributes.keys {
        if let now = workspace.scanner.attribute(name, of: target[place].function).value {
          prior[place].state.attributes[name] = .known(now)
        } else {
          target[place].state.attributes[name] = nil
        }
      }
    }
  }

  /// Where a function belongs: what is recorded of it, else the driver whose module knows it.
  private static func home(
    of function: Function, hold: Hold?, aliases: ModuleAliases, notes: inout [String]
  ) -> State {
    let now = function.state
    var home = State(driver: nil, override: nil)
    if let hold {
      if now.isPlaced(like: hold.state) {
        home = hold.home
        // At boot a pin takes a function before its driver's module is loaded: that driver would have had it.
        if hold.pin == nil || home.driver != .unbound || home.override != nil { return home }
      } else if now.driver == hold.home.driver || (now.driver.name.map { !VFIODriver.isVFIO($0) } ?? false) {
        notes.append("\(function.address): another program released it already (\(now))")
        return now
      }
    }
    if let driver = now.driver.name, !VFIODriver.leavesGroupViable(driver) { return now }
    let modules = aliases.homeModules(of: function)
    let drivers = modules.map { aliases.driver(of: $0) }
    guard drivers.count == 1 || Set(drivers).count == 1, let driver = drivers.first else {
      // The kernel's choice would have had it, had no pin been faster.
      if hold?.pin != nil, !drivers.isEmpty {
        home.driver = .any
        return home
      }
      notes.append(
        drivers.isEmpty
          ? "\(function.address): its host driver is not known (hostdev has no record, and no line of modules.alias matches); it stays unbound"
          : "\(function.address): several drivers support it (\(drivers.joined(separator: ", "))); it stays unbound. Choose one: --driver NAME"
      )
      return home
    }
    home.driver = .bound(driver)
    return home
  }
}
