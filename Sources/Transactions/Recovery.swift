import Assignment
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
    /// A write of the run has still not returned.
    case pending
    /// Somebody else was here: nothing was changed.
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
  /// its own; where all is at the target already, that stands. The lock must be held.
  public func recover(_ interrupted: Journal) -> Recovered {
    var journal = interrupted
    if let writer = journal.writer, !ended(writer) {
      return Recovered(
        journal: journal, result: .pending,
        details: [
          "process \(writer.pid) still waits in the kernel"
            + (journal.pending.map { ", for: \($0.words)" } ?? "")
            + (journal.pending?.function.flatMap(holders).map { "; held by \($0)" } ?? "")
        ], states: [])
    }
    journal.pending = nil
    let session: Session
    do { session = Session(writer: try open(&journal).writer, runner: self, isInterruptible: false) } catch {
      return Recovered(
        journal: journal, result: .partial, details: ["\(error.operation): \(error.errno ?? "")"], states: [])
    }
    defer { session.writer.finish() }
    let (now, strangers) = compare(journal, session)
    if !strangers.isEmpty {
      return Recovered(journal: journal, result: .stranger, details: strangers, states: now)
    }
    let isThere = sorted(now) == sorted(journal.target)
    let forward = journal.kind == .release || (isThere && journal.kind == .bind)
    let goal = forward ? journal.target : journal.prior
    let way = converge(from: now, to: goal)
    // The kill may have come before the home driver's module was loaded: to unbind then would leave it to nobody.
    let loads = forward && !way.isEmpty ? journal.plan.filter { $0.operation == .loadModule } : []
    var loaded: [Outcome.Done] = []
    if let failure = session.carryOut(loads, &loaded) {
      return Recovered(
        journal: journal, result: .partial, details: ["\(failure.operation): \(failure.errno ?? "")"], states: now)
    }
    let failures = session.carryOutAll(way)
    if let failure = failures.first ?? session.verify(goal) {
      return Recovered(
        journal: journal, result: .partial,
        details: (failures.isEmpty ? [failure] : failures).map { "\($0.operation): \($0.errno ?? "not so")" },
        states: now)
    }
    do {
      if forward { try record(journal) }
      try ledger.close(journal)
    } catch {
      return Recovered(journal: journal, result: .partial, details: ["\(Failure(recording: error))"], states: goal)
    }
    return Recovered(journal: journal, result: forward ? .finished : .undone, details: [], states: goal)
  }

  /// The states now, and what is not as the run can have left it.
  private func compare(_ journal: Journal, _ session: Session) -> ([Placement], [String]) {
    let allowed = passes(from: journal.prior, to: journal.target, by: journal.plan)
    let target = Dictionary(journal.target.map { ($0.function, $0.state) }, uniquingKeysWith: { first, _ in first })
    var now: [Placement] = []
    var strangers: [String] = []
    for placement in journal.prior {
      let function = placement.function
      guard let reply = session.look(placement), let state = reply.state else {
        strangers.append(
          "\(function): the run was to bring it from (\(placement.state)) to (\(target[function].map(\.description) ?? "?")); it is gone or does not answer"
        )
        continue
      }
      now.append(Placement(function, state))
      if let was = journal.identities[function], let identity = reply.identity, !identity.agrees(with: was) {
        strangers.append("\(function): another device is at its place now")
      } else if allowed[function]?.contains(state) != true {
        strangers.append(
          "\(function): the run was to bring it from (\(placement.state)) to (\(target[function].map(\.description) ?? "?")); it is now (\(state)), which is not on that way"
        )
      }
    }
    return (now, strangers)
  }

  private func sorted(_ placements: [Placement]) -> [Placement] { placements.sorted { $0.function < $1.function } }

  /// Gives a writer that is just finishing two seconds.
  private func ended(_ writer: ProcessIdentity) -> Bool {
    for _ in 0..<100 {
      if !writer.isAlive { return true }
      Clock.sleep(milliseconds: 20)
    }
    return !writer.isAlive
  }
}
