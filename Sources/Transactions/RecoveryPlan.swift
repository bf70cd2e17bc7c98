import Host
import PCI
import Planning

/// What recovery does with one interrupted run, computed from its journal and what is there now. A dry run shows it and
/// `Runner.recover` carries it out, so that there is no second description.
public struct RecoveryPlan: Sendable {
  /// Why nothing is changed.
  public struct Obstacle: Sendable, Equatable {
    /// Pending, held, or moved by a stranger.
    public let result: Recovered.Result
    /// In words, one per function or write.
    public let details: [String]

    init(_ result: Recovered.Result, _ details: [String]) {
      self.result = result
      self.details = details
    }
  }

  public let journal: Journal
  /// The process, if any, whose write may still happen.
  public let pendingIn: Int32?
  public let obstacle: Obstacle?
  /// Of the functions that answered.
  let now: [Placement]
  /// Where the set goes.
  let goal: [Placement]
  /// Modules that must be there before the first function is moved.
  let loads: [Step]
  let moves: [Step]

  /// Everything that is done, in order; nothing while there is an obstacle.
  public var steps: [Step] { obstacle == nil ? loads + moves : [] }
  /// Everything goes where the run was to bring it.
  var isForward: Bool { goal == journal.target }

  /// A write of the run has not returned: nothing is looked at.
  init(_ journal: Journal, pendingIn process: Int32, details: [String]) {
    self.journal = journal
    pendingIn = process
    obstacle = Obstacle(.pending, details)
    (now, goal, loads, moves) = ([], [], [], [])
  }

  /// `look`: nil if the function does not answer. `holders`: who has it open, if that can be seen.
  init(_ journal: Journal, look: (Placement) -> WriterReply?, holders: (Address) -> String?) {
    self.journal = journal
    pendingIn = nil
    var view = View(journal)
    for placement in journal.prior { view.take(look(placement), of: placement) }
    now = view.now
    let goal = journal.recoveryGoal(from: now)
    self.goal = goal
    let isForward = goal == journal.target
    moves = converge(
      from: now, to: goal, resetting: isForward ? journal.optionalResets : [],
      answering: isForward && journal.kind == .release ? journal.answering : [:])
    // The run may have been killed before it loaded the home driver's module. An unbind now would leave the function
    // without a driver.
    loads = goal == journal.target && !moves.isEmpty ? journal.plan.filter { $0.operation == .loadModule } : []
    // A function that does not answer may be in any state; it does not mean that another program moved it.
    if !view.silent.isEmpty {
      obstacle = Obstacle(.pending, view.silent)
    } else if !view.strangers.isEmpty {
      obstacle = Obstacle(.stranger, view.strangers)
    } else {
      // An unbind under a guest waits for it, and cannot be taken back.
      let held = moves.compactMap { step -> String? in
        guard case .unbind(let function, _) = step else { return nil }
        return holders(function).map { "\(function) is held by \($0)" }
      }
      obstacle = held.isEmpty ? nil : Obstacle(.held, held)
    }
  }

  /// The states now, what is not as the run can have left it, and what did not answer.
  private struct View {
    let journal: Journal
    let allowed: [Address: Set<State>]
    var now: [Placement] = []
    var strangers: [String] = []
    var silent: [String] = []

    init(_ journal: Journal) {
      self.journal = journal
      allowed = statesOnTheWay(from: journal.prior, to: journal.target, by: journal.plan)
    }

    mutating func take(_ reply: WriterReply?, of placement: Placement) {
      let function = placement.function
      let target = journal.target.first { $0.function == function }?.state.description ?? "?"
      let way = "\(function): the run was moving it from (\(placement.state)) to (\(target))"
      guard let reply else {
        silent.append("\(function) did not answer: another write to it may be blocked, or the host is very busy")
        return
      }
      guard let state = reply.state else {
        strangers.append("\(way); now it is gone or cannot be read")
        return
      }
      now.append(Placement(function, state))
      if let was = journal.identities[function], let identity = reply.identity, !identity.agrees(with: was) {
        strangers.append("\(function): another device is at this address now")
      } else if allowed[function]?.contains(where: { $0.admits(state) }) != true {
        strangers.append("\(way); now it is (\(state)), which is not a state of that run")
      }
    }
  }
}

extension Journal {
  /// Functions that the plan resets on their way to a host driver.
  var optionalResets: Set<Address> { Set(plan.filter { $0.isOptional(in: plan) }.compactMap(\.function)) }

  /// Functions that the plan wants to answer, and their ids.
  var answering: [Address: DeviceID] {
    plan.reduce(into: [:]) { ids, step in if case .expectAnswer(let id, let function) = step { ids[function] = id } }
  }

  /// Where recovery takes the set.
  public func recoveryGoal(from now: [Placement]) -> [Placement] {
    switch kind {
    case .release: target
    case .bind, .sriov: !hasGivenUp && isAtTarget(now) ? target : prior
    case .reset: now.map(wayBack)
    }
  }

  private func isAtTarget(_ now: [Placement]) -> Bool {
    target.allSatisfy { goal in now.contains { $0.function == goal.function && goal.state.admits($0.state) } }
  }

  /// Where giving up takes one function. A reset's list of methods may have lost a stale `bus` for good once it was
  /// written: then what still works of it is all that can be put back.
  func wayBack(for now: Placement) -> Placement {
    let before = prior.first { $0.function == now.function } ?? now
    guard kind == .reset, before.state != now.state else { return before }
    return target.first { $0.function == now.function } ?? before
  }
}
