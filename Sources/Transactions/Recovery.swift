import Planning
import Host
import PCI
import System

/// What recovery did with one interrupted run.
public struct Recovered: Sendable, Equatable {
  public enum Result: String, Sendable {
    /// Everything is where the run was to bring it.
    case finished
    /// Everything is where it was before the run.
    case undone
    /// A write has not returned.
    case pending
    /// A process has a function open that would have to be unbound: nothing was changed.
    case held
    /// Another program changed a function: nothing was changed now.
    case stranger
    /// The kernel refused, part-way.
    case partial
  }

  public let journal: Journal
  public let result: Result
  /// What the record says and what is there, in words.
  public let details: [String]
  public let states: [Placement]
}

extension Runner {
  /// Finishes or undoes an interrupted run: a bind is undone and a release finished, so that the host ends up with what is
  /// its own; where a bind is at its target already and had not been given up, that stands. The lock must be held.
  public func recover(_ interrupted: Journal) -> Recovered {
    if ([interrupted.writer].compactMap { $0 } + interrupted.leftBehind).contains(where: { !ended($0) }) {
      return Recovered(
        journal: interrupted, result: .pending, details: unanswered(interrupted), states: [])
    }
    var journal = interrupted
    journal.pending = []
    journal.leftBehind = []
    let session = Session(journal, runner: self, isInterruptible: false, isOnDisk: true)
    do { try session.start() } catch {
      return Recovered(journal: journal, result: .partial, details: [error.line], states: [])
    }
    let (now, strangers, silent) = compare(session)
    // A function that does not answer may be in any state; it does not mean that another program moved it.
    if !silent.isEmpty { return Recovered(journal: journal, result: .pending, details: silent, states: now) }
    if !strangers.isEmpty { return Recovered(journal: journal, result: .stranger, details: strangers, states: now) }
    let goal = journal.recoveryGoal(from: now)
    let steps = converge(from: now, to: goal, resetting: goal == journal.target ? journal.optionalResets : [])
    // An unbind under a guest waits for it, and cannot be taken back.
    let held = steps.compactMap { step -> String? in
      guard case .unbind(let function, _) = step else { return nil }
      return holders(function).map { "\(function) is held by \($0)" }
    }
    if !held.isEmpty { return Recovered(journal: journal, result: .held, details: held, states: now) }
    // The run may have been killed before it loaded the home driver's module. An unbind now would leave the function
    // without a driver.
    let loads = goal == journal.target && !steps.isEmpty ? journal.plan.filter { $0.operation == .loadModule } : []
    var loaded: [Outcome.Done] = []
    if let failure = session.carryOut(loads, &loaded) {
      return Recovered(journal: session.journal, result: .partial, details: [failure.line], states: now)
    }
    return finish(session, steps, at: goal)
  }

  private func finish(_ session: Session, _ steps: [Step], at goal: [Placement]) -> Recovered {
    let journal = session.journal
    let failures = session.carryOutAll(steps)
    let states = session.states(of: goal)
    let silent = session.journal.pendingFunctions
    let others = goal.filter { !silent.contains($0.function) }
    let isThere = others.allSatisfy { goal in
      states.contains { $0.function == goal.function && goal.state.admits($0.state) }
    }
    if !session.journal.pending.isEmpty {
      let details = texts(of: session.journal.pending, session.journal)
      return Recovered(journal: session.journal, result: .pending, details: details, states: states)
    }
    guard isThere, !isUnasked(failures, goal: goal, states: states), session.verify(goal) == nil else {
      let details = failures.map(\.line) + [session.verify(goal)?.operation].compactMap { $0 }
      return Recovered(journal: journal, result: .partial, details: details, states: states)
    }
    let isForward = goal == journal.target
    do {
      if isForward { try record(journal) }
      try records.close(journal)
    } catch {
      return Recovered(journal: journal, result: .partial, details: [Failure(recording: error).line], states: states)
    }
    return Recovered(journal: journal, result: isForward ? .finished : .undone, details: [], states: states)
  }

  /// Our writer died before the host could be asked for the driver of its choice. That there is no driver means nothing
  /// then.
  private func isUnasked(_ failures: [Failure], goal: [Placement], states: [Placement]) -> Bool {
    guard failures.contains(where: { $0.errno == Errno.brokenPipe.name }) else { return false }
    return goal.contains { goal in
      states.contains { $0.function == goal.function && goal.state.isOpen($0.state) }
    }
  }

  /// The states now, what is not as the run can have left it, and what did not answer.
  private func compare(_ session: Session) -> ([Placement], strangers: [String], silent: [String]) {
    let journal = session.journal
    let allowed = statesOnTheWay(from: journal.prior, to: journal.target, by: journal.plan)
    let target = Dictionary(journal.target.map { ($0.function, $0.state) }, uniquingKeysWith: { first, _ in first })
    var now: [Placement] = []
    var strangers: [String] = []
    var silent: [String] = []
    for placement in journal.prior {
      let function = placement.function
      let way =
        "\(function): the run was moving it from (\(placement.state)) to (\(target[function].map(\.description) ?? "?"))"
      guard let reply = session.look(placement) else {
        silent.append("\(function) did not answer: another write to it may be blocked, or the host is very busy")
        continue
      }
      guard let state = reply.state else {
        strangers.append("\(way); now it is gone or cannot be read")
        continue
      }
      now.append(Placement(function, state))
      if let was = journal.identities[function], let identity = reply.identity, !identity.agrees(with: was) {
        strangers.append("\(function): another device is at this address now")
      } else if allowed[function]?.contains(where: { $0.admits(state) }) != true {
        strangers.append("\(way); now it is (\(state)), which is not a state of that run")
      }
    }
    return (now, strangers, silent)
  }

  private func unanswered(_ journal: Journal) -> [String] {
    if !journal.pending.isEmpty { return texts(of: journal.pending, journal) }
    return ["process \(journal.busy(on: runtime).map { "\($0.pid)" } ?? "?") is still blocked in the kernel"]
  }

  /// Gives a writer that is just finishing two seconds.
  private func ended(_ writer: ProcessIdentity) -> Bool {
    for _ in 0..<100 {
      if !runtime.isAlive(writer) { return true }
      runtime.clock.sleep(milliseconds: 20)
    }
    return !runtime.isAlive(writer)
  }
}

extension Journal {
  /// Functions that the plan resets on their way to a host driver.
  var optionalResets: Set<Address> { Set(plan.filter { $0.isOptional(in: plan) }.compactMap(\.function)) }

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
