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
  /// What it took; nothing if it was left as it is.
  public var plan: [Step] = []
  /// Of that, what was carried out.
  public var steps: [Outcome.Done] = []
}

extension RecoveryPlan {
  /// The result of a run that is left as it is; nil if nothing keeps it from being recovered.
  public var unchanged: Recovered? {
    obstacle.map { Recovered(journal: journal, result: $0.result, details: $0.details, states: now) }
  }
}

extension Runner {
  /// Finishes or undoes an interrupted run: a bind is undone and a release finished, so that the host ends up with what is
  /// its own; where a bind is at its target already and had not been given up, that stands. The lock must be held.
  public func recover(_ interrupted: Journal) -> Recovered {
    if ([interrupted.writer].compactMap { $0 } + interrupted.leftBehind).contains(where: { !ended($0) }) {
      return Recovered(journal: interrupted, result: .pending, details: unanswered(interrupted), states: [])
    }
    var journal = interrupted
    journal.pending = []
    journal.leftBehind = []
    let session = Session(journal, runner: self, isInterruptible: false, isOnDisk: true)
    do { try session.start() } catch {
      return Recovered(journal: journal, result: .partial, details: [error.line], states: [])
    }
    let plan = RecoveryPlan(journal, look: { session.look($0) }, holders: holders)
    if let unchanged = plan.unchanged { return unchanged }
    var loaded: [Outcome.Done] = []
    if let failure = session.carryOut(plan.loads, &loaded) {
      return Recovered(
        journal: session.journal, result: .partial, details: [failure.line], states: plan.now, plan: plan.steps,
        steps: loaded)
    }
    return finish(session, plan, after: loaded)
  }

  /// What `recover` does, of functions as `look` sees them now. Changes nothing and waits for no writer.
  public func recoveryPlan(of journal: Journal, by look: FunctionLook) -> RecoveryPlan {
    if let writer = journal.busy(on: runtime) {
      return RecoveryPlan(journal, pendingIn: writer.pid, details: unanswered(journal))
    }
    return RecoveryPlan(journal, look: { look.reply($0) }, holders: holders)
  }

  private func finish(_ session: Session, _ plan: RecoveryPlan, after loaded: [Outcome.Done]) -> Recovered {
    let journal = session.journal
    let goal = plan.goal
    let (moved, failures) = session.carryOutAll(plan.moves, from: plan.loads.count)
    let states = session.states(of: goal)
    func recovered(_ journal: Journal, _ result: Recovered.Result, saying details: [String] = []) -> Recovered {
      Recovered(
        journal: journal, result: result, details: details, states: states, plan: plan.steps, steps: loaded + moved)
    }
    let silent = session.journal.pendingFunctions
    let others = goal.filter { !silent.contains($0.function) }
    let isThere = others.allSatisfy { goal in
      states.contains { $0.function == goal.function && goal.state.admits($0.state) }
    }
    if !session.journal.pending.isEmpty {
      let details = texts(of: session.journal.pending, session.journal)
      return recovered(session.journal, .pending, saying: details)
    }
    // What was there before the run is the goal of undoing it, whether a guest could open that or not.
    let fault = session.verify(goal, forGuests: plan.isForward)
    guard isThere, !isUnasked(failures, goal: goal, states: states), fault == nil else {
      let details = failures.map(\.line) + [fault?.operation].compactMap { $0 }
      return recovered(journal, .partial, saying: details)
    }
    do {
      if plan.isForward { try record(journal) }
      try records.close(journal)
    } catch {
      return recovered(journal, .partial, saying: [Failure(recording: error).line])
    }
    return recovered(journal, plan.isForward ? .finished : .undone)
  }

  /// Our writer died before the host could be asked for the driver of its choice. That there is no driver means nothing
  /// then.
  private func isUnasked(_ failures: [Failure], goal: [Placement], states: [Placement]) -> Bool {
    guard failures.contains(where: { $0.errno == Errno.brokenPipe.name }) else { return false }
    return goal.contains { goal in
      states.contains { $0.function == goal.function && goal.state.isOpen($0.state) }
    }
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
