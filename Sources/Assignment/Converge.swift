import Host
import PCI

/// A function and a state of it: what there is, or what is wanted.
public struct Placement: Sendable, Hashable, Codable {
  public let function: Address
  public var state: State

  public init(_ function: Address, _ state: State) {
    self.function = function
    self.state = state
  }
}

/// The way from the state there is to the state wanted, for bind, release, roll back and recovery alike.
///
/// Undoing step by step in reverse does not work: a probe after an unbind puts vfio-pci back while the override still
/// stands. So every way goes: overrides of the whole set first, since between an unbind and a late override udev can
/// put the host's driver back; then the unbinds; the binds; a look at each driver; and last the overrides that are to
/// stay, which may be an administrator's own.
///
/// `resetting`: functions that are reset while no driver has them, so that the next one does not meet what a guest left.
/// A reset changes no state.
public func converge(from now: [Placement], to wanted: [Placement], resetting: Set<Address> = []) -> [Step] {
  let current = Dictionary(now.map { ($0.function, $0.state) }, uniquingKeysWith: { first, _ in first })
  var overrides: [Step] = []
  var unbinds: [Step] = []
  var resets: [Step] = []
  var binds: [Step] = []
  var looks: [Step] = []
  var finals: [Step] = []
  for target in wanted.sorted(by: { $0.function < $1.function }) {
    guard let state = current[target.function], state != target.state else { continue }
    var override = state.override
    if state.driver != target.state.driver {
      // While a driver is to be bound the override names it, so that no other one can be faster.
      if let driver = target.state.driver, override != driver {
        overrides.append(.override(driver, of: target.function, prior: override))
        override = driver
      } else if target.state.driver == nil, let last = target.state.override, override != last {
        // To be left unbound: what keeps drivers away must stand before there is none.
        overrides.append(.override(last, of: target.function, prior: override))
        override = last
      }
      if let driver = state.driver { unbinds.append(.unbind(target.function, from: driver)) }
      if target.state.driver != nil, resetting.contains(target.function) { resets.append(.reset(target.function)) }
      if let driver = target.state.driver { binds.append(.bind(target.function, to: driver)) }
      looks.append(.expectDriver(target.state.driver, of: target.function))
    }
    if override != target.state.override {
      finals.append(.override(target.state.override, of: target.function, prior: override))
    }
    // A driver sets `power/control` as it comes and goes (`pm_runtime_allow`, `pm_runtime_forbid`).
    let isMoved = state.driver != target.state.driver
    for (name, value) in target.state.attributes.sorted(by: { $0.key < $1.key })
    where state.attributes[name] != value || isMoved && name == Step.powerControl {
      finals.append(.attribute(name, value, of: target.function, prior: state.attributes[name]))
    }
  }
  return overrides + unbinds + resets + binds + looks + finals
}

/// The state after a step, as the plan has it.
public func apply(_ step: Step, to placements: [Placement]) -> [Placement] {
  guard let function = step.function,
    let place = placements.firstIndex(where: { $0.function == function })
  else { return placements }
  var after = placements
  switch step.effect {
  case .override(let driver): after[place].state.override = driver
  case .unbind: after[place].state.driver = nil
  case .bind(let driver): after[place].state.driver = driver
  // Only what the plan answers for is part of a state.
  case .attribute(let name, let value):
    if after[place].state.attributes[name] != nil { after[place].state.attributes[name] = value }
  case .reset, .loadModule, .expect, .expectAnswer: break
  }
  return after
}

/// Every state that each function can be in while the plan from `prior` to `target` is gone, given up at any point, or
/// taken up again: what recovery may find. Anything else is somebody else's doing.
public func passes(from prior: [Placement], to target: [Placement], by plan: [Step]) -> [Address: Set<State>] {
  let ends = Dictionary(target.map { ($0.function, $0) }, uniquingKeysWith: { first, _ in first })
  var seen: [Address: Set<State>] = [:]
  // The steps of one function do not depend on another's, so each is followed alone.
  for start in prior {
    guard let end = ends[start.function] else { continue }
    var open: [Placement] = []
    func walk(_ steps: [Step], from placement: Placement) {
      var sofar = [placement]
      open += sofar
      for step in steps {
        sofar = apply(step, to: sofar)
        open += sofar
      }
    }
    walk(plan, from: start)
    var states: Set<State> = []
    while let placement = open.popLast() {
      guard states.insert(placement.state).inserted else { continue }
      for goal in [start, end] { walk(converge(from: [placement], to: [goal]), from: placement) }
    }
    seen[start.function] = states
  }
  return seen
}
