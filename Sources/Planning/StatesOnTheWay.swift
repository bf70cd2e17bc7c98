import Host
import PCI

/// Every state that each function can be in while the plan from `prior` to `target` is carried out, rolled back at any
/// point, or continued: what recovery may find. Any other state was made by another program. `power/control` may be
/// anything: a driver sets it as it comes and goes (`pm_runtime_allow`, `pm_runtime_forbid`).
public func statesOnTheWay(from prior: [Placement], to target: [Placement], by plan: [Step]) -> [Address: Set<State>] {
  let ends = Dictionary(target.map { ($0.function, $0) }, uniquingKeysWith: { first, _ in first })
  let starts = Dictionary(prior.map { ($0.function, $0) }, uniquingKeysWith: { first, _ in first })
  var seen: [Address: Set<State>] = [:]
  for start in prior {
    guard let end = ends[start.function] else { continue }
    // The steps of one function do not depend on another's, so each is followed alone. Only a virtual function depends
    // on its physical one, which makes or removes it; a physical one depends on no other.
    var goals = [[start], [end]]
    if let physical = start.virtual?.physical, let first = starts[physical], let last = ends[physical] {
      goals = [[first, start], [last, end]]
    }
    let functions = Set(goals[0].map(\.function))
    seen[start.function] = states(
      of: start.function, among: goals, by: plan.filter { step in step.function.map(functions.contains) ?? false })
  }
  return seen
}

/// All that one of these functions can be in, on the ways between these goals from wherever it is.
private func states(of function: Address, among goals: [[Placement]], by plan: [Step]) -> Set<State> {
  var open: [[Placement]] = []
  func walk(_ steps: [Step], from placements: [Placement]) {
    var sofar = placements
    open.append(sofar)
    for step in steps {
      sofar = apply(step, to: sofar)
      open.append(sofar)
    }
  }
  walk(plan, from: goals[0])
  var visited: Set<[Placement]> = []
  var states: Set<State> = []
  while let placements = open.popLast() {
    guard visited.insert(placements).inserted else { continue }
    for placement in placements where placement.function == function { states.insert(placement.state.anyPower) }
    for goal in goals { walk(converge(from: placements, to: goal), from: placements) }
  }
  return states
}

extension State {
  fileprivate var anyPower: State {
    var state = self
    if state.attributes[Step.powerControl] != nil { state.attributes[Step.powerControl] = .any }
    return state
  }
}
