import Checks
import Planning
import Host
import Inventory
import PCI
import System
import Transactions

extension Change {
  /// Moves what the selectors name to a VFIO driver. `driver`: its name, or `auto` for the best that this kernel has.
  public mutating func bind(_ selectors: [String], driver: String) throws(Diagnostic) -> OperationResult {
    let operation = BindOperation(
      functions: try workspace.unambiguousSet(selectors), driver: workspace.driver(named: driver),
      addsMissing: invocation.addsMissing,
      forced: invocation.forced, held: try records.readHeld())
    let plan = try operation.plan(on: workspace)
    invocation.noteForce(among: plan.assessed.assessment.findings)
    var result = try carryOut(operation, plan)
    let pins = workspace.pinFolder.all()
    let declared = Set(pins.pins.flatMap(\.functions).map(\.address))
    result.canBePinned = pins.isFolderUsable && declared.isDisjoint(with: result.set.functions)
    return result
  }
}

/// A set to a VFIO driver.
struct BindOperation: HostOperation {
  let kind = Journal.Kind.bind
  let functions: [Address]
  /// A name, or `auto`.
  let driver: String
  /// Functions that the set lacks are added.
  let addsMissing: Bool
  let forced: Set<FindingCode>
  let held: [Hold]
  /// The declaration that it is moved for.
  var pin: String?

  func plan(on workspace: Workspace) throws(Diagnostic) -> OperationPlan {
    let aliases = driver == VFIODriver.generic ? nil : ModuleAliases(workspace.sysfs, workspace.surroundings)
    var set = functions
    workspace.detail(set)
    var found = try assess(set, on: workspace, aliases: aliases)
    if addsMissing, !found.assessment.missing.isEmpty {
      set = Set(set).union(found.assessment.missing).sorted()
      workspace.detail(set)
      found = try assess(set, on: workspace, aliases: aliases)
    }
    let functions = set.compactMap { workspace.host[$0] }
    let sleepers = Set(
      functions.filter {
        workspace.sleeps($0) && $0.driver.value != found.drivers[$0.address] && !$0.isOnVendorVFIO
      }.map(\.address))
    func power(_ address: Address) -> [String: State.Value] {
      sleepers.contains(address) ? [Step.powerControl: .known("auto")] : [:]
    }
    let prior = functions.map { function in
      var state = function.state
      state.attributes = power(function.address)
      return Placement(function.address, state)
    }
    let target = functions.map { function in
      let name = found.drivers[function.address] ?? driver
      // What is there already is left as it is, override and all; so is what its vendor's driver has ready for a guest.
      return Placement(
        function.address,
        function.driver.value == name || function.isOnVendorVFIO
          ? function.state : State(driver: .bound(name), override: name, attributes: power(function.address)))
    }
    let moves =
      functions.filter { sleepers.contains($0.address) }.flatMap { workspace.wakes($0) }
      + converge(from: prior, to: target)
    let loads = workspace.loads(before: moves, aliases)
    var plan = OperationPlan(
      AssessedSet(
        functions: set, assessment: found.assessment, forced: forced, plan: loads + moves, usage: found.usage))
    if !plan.assessed.blocking.isEmpty { plan.assessed.withMissing = found.completion?.obstacles }
    plan.prior = prior
    plan.target = target
    plan.holds = holds(from: prior, to: target, on: workspace)
    return plan
  }

  private struct Found {
    let assessment: Assessment
    let usage: Usage
    let drivers: [Address: String]
    let completion: Completion?
  }

  private func assess(_ set: [Address], on workspace: Workspace, aliases: ModuleAliases?) throws(Diagnostic) -> Found {
    let drivers = try drivers(for: set, on: workspace, aliases: aliases)
    let usage = workspace.gather(set)
    let matches = aliases == nil ? [:] : matches(drivers, on: workspace, aliases: aliases)
    let intent = Intent.assign(driver: driver == "auto" ? VFIODriver.generic : driver)
    var situation = workspace.situation(
      set, intent, usage: usage, matches: matches, held: Set(held.map(\.function)))
    // The set that a remedy names is tried before it is printed.
    if let whole = workspace.completed(situation) {
      let obstacles = try assess(whole, on: workspace, aliases: aliases).assessment.blocking(forced: forced)
      situation.completion = Completion(functions: whole, obstacles: obstacles)
      situation.host = workspace.host
    }
    return Found(
      assessment: Assessment(of: situation), usage: usage, drivers: drivers, completion: situation.completion)
  }

  private func drivers(for set: [Address], on workspace: Workspace, aliases: ModuleAliases?) throws(Diagnostic)
    -> [Address: String]
  {
    var drivers: [Address: String] = [:]
    for address in set {
      guard let function = workspace.host[address] else { continue }
      if driver == "auto" {
        drivers[address] = aliases?.variant(for: function).flatMap { aliases?.driver(of: $0) } ?? VFIODriver.generic
      } else {
        drivers[address] = driver
      }
      guard !VFIODriver.leavesGroupViable(driver), driver != "auto", aliases?.knows(function, driver: driver) == true
      else { continue }
      throw Diagnostic(
        .usage, "bind moves to a VFIO driver, but \(driver) is a host driver of \(address)",
        next: "to move the function to it: hostdev release \(address) --driver \(driver)")
    }
    return drivers
  }

  /// vfio-pci and pci-stub take any function; any other driver must know it.
  private func matches(_ drivers: [Address: String], on workspace: Workspace, aliases: ModuleAliases?)
    -> [Address: DriverMatch]
  {
    drivers.filter { $0.value != VFIODriver.generic && $0.value != "pci-stub" }.reduce(into: [:]) { matches, entry in
      let known = workspace.host[entry.key].flatMap { aliases?.knows($0, driver: entry.value) }
      matches[entry.key] =
        known.map { $0 ? .matches : .doesNot } ?? (VFIODriver.isVFIO(entry.value) ? .unknown : .doesNot)
    }
  }

  /// What is to be remembered of each function that moves: where it came from. One that hostdev holds already keeps its home.
  private func holds(from prior: [Placement], to target: [Placement], on workspace: Workspace) -> [Hold] {
    zip(prior, target).compactMap { prior, target in
      guard prior != target, let function = workspace.host[prior.function] else { return nil }
      let identity = Identity(function)
      let known = held.first {
        $0.function == prior.function && $0.identity.agrees(with: identity) && $0.state.isPlaced(like: prior.state)
      }
      return workspace.hold(
        prior.function, identity, at: target.state, home: known?.home ?? prior.state, forced: forced, pin: pin)
    }
  }
}

extension Workspace {
  /// The record of a function that goes to a guest's driver now.
  func hold(
    _ function: Address, _ identity: Identity, at state: State, home: State, forced: Set<FindingCode>, pin: String?
  ) -> Hold {
    Hold(
      function: function, identity: identity, state: state, home: home, since: invocation.runtime.clock.seconds,
      command: invocation.recorded, forced: forced.sorted().map(\.rawValue), pin: pin)
  }
}

extension Function {
  /// What a transaction may change, as it is now; an unknown override counts as none, and verification will tell.
  var state: State { State(driver: driver.value, override: driverOverride.value) }
}
