import Host
import PCI

/// The way from the state there is to the state wanted, for bind, release, virtual functions, roll back and recovery alike.
///
/// Undoing step by step in reverse does not work: a probe after an unbind puts vfio-pci back while the override still
/// stands. `OrderedSteps` has the order in which every way goes.
///
/// `resetting`: functions that are reset while no driver has them, so that the next one does not meet what a guest left.
/// A reset changes no state.
///
/// `answering`: functions that must answer with these ids before a driver of the host gets them.
public func converge(
  from now: [Placement], to wanted: [Placement], resetting: Set<Address> = [], answering: [Address: DeviceID] = [:]
) -> [Step] {
  let current = Dictionary(now.map { ($0.function, $0.state) }, uniquingKeysWith: { first, _ in first })
  let renumbered = renumbered(current, wanted)
  var way = OrderedSteps(resetting: resetting, answering: answering)
  for target in wanted.sorted(by: { $0.function < $1.function }) {
    guard var state = current[target.function] else { continue }
    var isRenewed = false
    var isOffered = true
    if let count = renumbered[target.function]?.count {
      state = way.renumber(target.function, from: state, to: count)
    } else if let physical = target.virtual.flatMap({ renumbered[$0.physical] }) {
      if state.isPresent { way.depart(target.function, from: state) }
      state = target.state.renewed()
      isRenewed = true
      isOffered = physical.isOffered
      if !target.state.isPresent { continue }
    }
    // What is not there and what cannot go have no way.
    guard state.isPresent, target.state.isPresent,
      isRenewed || !target.state.admits(state) || target.state.isOpen(state)
    else { continue }
    way.lead(target, from: state, isRenewed: isRenewed, isOffered: isOffered)
  }
  return way.steps
}

/// Physical functions whose number of virtual ones changes, the number wanted, and whether the host's drivers are offered
/// those that come. One of which a virtual function must not be touched keeps its number.
private func renumbered(_ current: [Address: State], _ wanted: [Placement]) -> [Address: (
  count: String, isOffered: Bool
)] {
  var found: [Address: (count: String, isOffered: Bool)] = [:]
  for target in wanted where target.virtual == nil {
    guard let count = target.state.attributes[SRIOVAttribute.count]?.text, let state = current[target.function],
      state.attributes[SRIOVAttribute.count] != .known(count)
    else { continue }
    found[target.function] = (count, target.state.attributes[SRIOVAttribute.autoprobe] != .known("0"))
  }
  for target in wanted {
    if let physical = target.virtual?.physical, current[target.function] == nil { found[physical] = nil }
  }
  return found
}

/// The state after a step, as the plan has it.
public func apply(_ step: Step, to placements: [Placement]) -> [Placement] {
  guard let function = step.function,
    let place = placements.firstIndex(where: { $0.function == function })
  else { return placements }
  var after = placements
  // Only what the plan answers for is part of a state.
  func set(_ name: String, _ value: String) {
    if after[place].state.attributes[name] != nil { after[place].state.attributes[name] = .known(value) }
  }
  switch step {
  case .override(let driver, _, _): after[place].state.override = driver
  case .unbind: after[place].state.driver = .unbound
  case .bind(_, let driver): after[place].state.driver = .bound(driver)
  // Whether a driver takes it is the host's affair.
  case .offer: after[place].state.driver = .any
  case .attribute(let name, let value, _, _):
    set(name, value)
    if name == SRIOVAttribute.count { renew(&after, of: function, count: Int(value) ?? 0) }
  case .link(let command, _, _, _): set(command.setting.attribute, command.value)
  case .reset, .load, .expectDriver, .expectAnswer: break
  }
  return after
}

/// The virtual functions of a physical one after its number was written.
private func renew(_ placements: inout [Placement], of physical: Address, count: Int) {
  for place in placements.indices {
    guard let virtual = placements[place].virtual, virtual.physical == physical else { continue }
    let isThere = virtual.index < count
    if !isThere {
      placements[place].state = placements[place].state.departed()
    } else if !placements[place].state.isPresent {
      placements[place].state = placements[place].state.renewed()
    }
  }
}
