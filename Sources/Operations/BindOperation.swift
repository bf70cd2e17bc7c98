import Assessment
import Assignment
import Host
import Inventory
import PCI
import Report
import Sysfs
import System
import Transactions

/// A set on its way to a VFIO driver: assessed, and with a plan. What `check` shows and `bind` does.
struct Binding {
  let assessed: AssessedSet
  let prior: [Placement]
  let target: [Placement]

  /// `driver`: a name, or `auto`. `whole`: what must come along is added.
  init(
    _ workspace: Workspace, _ wanted: [Address], driver: String, whole: Bool, forced: Set<String>,
    held: Set<Address> = []
  ) throws {
    var set = wanted
    workspace.detail(set)
    let aliases = driver == VFIODriver.generic ? nil : ModuleAliases(workspace.sysfs, workspace.surroundings)
    func assess(_ set: [Address]) throws -> (Assessment, Usage, [Address: String]) {
      let drivers = try Self.drivers(for: set, driver, workspace, aliases)
      let usage = workspace.gather(set)
      let matches = aliases == nil ? [:] : Self.matches(drivers, workspace, aliases)
      let intent = Intent.assign(driver: driver == "auto" ? VFIODriver.generic : driver)
      let situation = workspace.situation(set, intent, usage: usage, matches: matches, held: held)
      return (Assessment(of: situation), usage, drivers)
    }
    var (assessment, usage, drivers) = try assess(set)
    if whole, !assessment.missing.isEmpty {
      set = Set(set).union(assessment.missing).sorted()
      workspace.detail(set)
      (assessment, usage, drivers) = try assess(set)
    }
    let functions = set.compactMap { workspace.host[$0] }
    let sleepers = Set(
      functions.filter { workspace.sleeps($0) && $0.driver.value != drivers[$0.address] }.map(\.address))
    func power(_ address: Address) -> [String: String] {
      sleepers.contains(address) ? [Step.powerControl: "auto"] : [:]
    }
    prior = functions.map { function in
      var state = function.state
      state.attributes = power(function.address)
      return Placement(function.address, state)
    }
    target = functions.map { function in
      let name = drivers[function.address] ?? driver
      // What is there already is left as it is, override and all.
      return Placement(
        function.address,
        function.driver.value == name
          ? function.state : State(driver: name, override: name, attributes: power(function.address)))
    }
    let moves =
      functions.filter { sleepers.contains($0.address) }.flatMap { workspace.wakes($0) }
      + converge(from: prior, to: target)
    let loads = workspace.loads(before: moves, aliases)
    assessed = AssessedSet(
      functions: set, assessment: assessment, forced: forced, plan: loads + moves,
      descriptorsSeen: usage.descriptorsSeen,
      processesUnseen: usage.processesUnseen)
  }

  private static func drivers(for set: [Address], _ driver: String, _ workspace: Workspace, _ aliases: ModuleAliases?)
    throws -> [Address: String]
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
        .usage, "bind moves to a VFIO driver, and \(driver) is a host driver of \(address)",
        next: "to give the function to it: hostdev release \(address) --driver \(driver)")
    }
    return drivers
  }

  /// vfio-pci and pci-stub take any function; any other driver must know it.
  private static func matches(_ drivers: [Address: String], _ workspace: Workspace, _ aliases: ModuleAliases?)
    -> [Address: DriverMatch]
  {
    drivers.filter { $0.value != VFIODriver.generic && $0.value != "pci-stub" }.reduce(into: [:]) { matches, entry in
      let known = workspace.host[entry.key].flatMap { aliases?.knows($0, driver: entry.value) }
      matches[entry.key] =
        known.map { $0 ? .matches : .doesNot } ?? (VFIODriver.isVFIO(entry.value) ? .unknown : .doesNot)
    }
  }
}

extension Binding {
  /// What is to be remembered of each function that moves: where it came from. One that hostdev holds already keeps its home.
  ///
  /// `pin`: the declaration that it is moved for.
  func holds(_ held: [Hold], _ workspace: Workspace, forced: Set<String>, pin: String? = nil) -> [Hold] {
    zip(prior, target).compactMap { prior, target in
      guard prior != target, let function = workspace.host[prior.function] else { return nil }
      let identity = Identity(function)
      let known = held.first {
        $0.function == prior.function && $0.identity.agrees(with: identity) && $0.state.isPlaced(like: prior.state)
      }
      return Hold(
        function: prior.function, identity: identity, state: target.state, home: known?.home ?? prior.state,
        since: Clock.seconds, command: ["hostdev"] + CommandLine.arguments.dropFirst(), forced: forced.sorted(),
        pin: pin)
    }
  }
}

extension Function {
  /// What a transaction may change, as it is now; an unknown override counts as none, and verification will tell.
  var state: State { State(driver: driver.value, override: driverOverride.value) }
}
