import Planning
import Host
import PCI
import System

/// Carries a plan out, and puts everything back where it cannot.
public struct Runner {
  let records: Records
  let writers: any WriterSource
  let runtime: Runtime
  let timeouts: Timeouts
  /// Who holds a function that does not answer: pids and commands, as far as can be seen.
  let holders: (Address) -> String?
  /// Called before and after each write, with its number in this run from 1; tests count on it.
  let hooks: Hooks
  /// How long a function that has only just appeared may answer ENODEV to a bind: until the kernel has added it, no
  /// driver matches it (`match_driver` of pci_bus_add_device), be its override what it may.
  public var patience: Duration = .zero
  /// Looks at the host once more, right before the first write: loading a module can take a minute.
  public var recheck: (() -> Failure?)?
  let writes: WriteCount

  /// Writes of this program so far, those of putting back and of every recovered run among them.
  public final class WriteCount {
    var count = 0
    public init() {}
  }

  public struct Hooks {
    public var beforeWrite: (_ number: Int) -> Void = { _ in }
    public var afterWrite: (_ number: Int, _ writer: Int32) -> Void = { _, _ in }
    /// A write has not returned yet: since when, and how long it may take.
    public var whileWaiting: (_ step: Step, _ elapsed: Duration, _ limit: Duration) -> Void = { _, _, _ in }
    public init() {}
  }

  /// `writers`: on the same root as the records.
  public init(
    records: Records, writers: any WriterSource, runtime: Runtime, timeouts: Timeouts,
    holders: @escaping (Address) -> String?, hooks: Hooks = Hooks(), writes: WriteCount = WriteCount()
  ) {
    self.records = records
    self.writers = writers
    self.runtime = runtime
    self.timeouts = timeouts
    self.holders = holders
    self.hooks = hooks
    self.writes = writes
  }

  /// Runs the plan of a journal that is not yet on disk. The lock must be held.
  public func run(_ journal: Journal) -> Outcome {
    let session = Session(journal, runner: self, isInterruptible: true)
    do { try session.start() } catch {
      return Outcome(result: .rolledBack, steps: [], failure: error, states: journal.prior)
    }
    session.recheck = recheck
    var done: [Outcome.Done] = []
    if let failure = session.carryOut(journal.plan, &done) ?? session.verify(journal.target) {
      return giveUp(failure, session, after: done)
    }
    do {
      try record(journal)
      try records.close(journal)
    } catch {
      // All is where it was to go; only the books are not. The journal has what recovery needs to finish them.
      var failure = Failure(recording: error)
      failure.state = "every function was moved, but the record could not be written"
      failure.next = "free some space or make it writable, then: hostdev recover"
      return Outcome(result: .partial, steps: done, failure: failure, states: journal.target)
    }
    let isOpen = journal.target.contains { $0.state.driver == .any }
    return Outcome(
      result: .done, steps: done, failure: nil, states: isOpen ? session.states(of: journal.target) : journal.target)
  }

  /// The records that go with the target.
  func record(_ journal: Journal) throws(RecordsError) {
    switch journal.kind {
    case .bind: for hold in journal.holds { try records.save(hold) }
    case .release: for function in journal.set { try records.forget(function) }
    case .sriov:
      for hold in journal.holds { try records.save(hold) }
      let kept = Set(journal.holds.map(\.function))
      let renumbered = Set(journal.plan.filter(\.isRenumbering).compactMap(\.function))
      // Another one may come to the place of what went.
      for place in journal.prior where !kept.contains(place.function) {
        if let virtual = place.virtual, renumbered.contains(virtual.physical) { try records.forget(place.function) }
      }
    case .reset: break
    }
  }

  private func giveUp(_ first: Failure, _ session: Session, after done: [Outcome.Done]) -> Outcome {
    var failure = first
    session.isInterruptible = false
    if failure.isRefusal, (try? records.close(session.journal)) != nil {
      failure.state = "nothing was changed"
      return Outcome(result: .refused, steps: done, failure: failure, states: session.journal.prior)
    }
    try? session.update { $0.hasGivenUp = true }
    let back = session.rollBack()
    let pending = session.journal.pending
    if !pending.isEmpty {
      failure.state = (texts(of: pending, session.journal) + [back.text]).joined(separator: "; ")
      failure.next = "end the process that holds it, then: hostdev recover"
      // A module that is still loading concerns no function: with all as it was there is nothing to recover.
      if back.isWhole, session.journal.pendingFunctions.isEmpty { try? records.close(session.journal) }
      return Outcome(result: .timeout, steps: done, failure: failure, states: back.states)
    }
    failure.state = back.text
    guard back.isWhole else {
      failure.next = "see: hostdev status; then: hostdev recover"
      return Outcome(result: .partial, steps: done, failure: failure, states: back.states)
    }
    do { try records.close(session.journal) } catch {
      failure.state += ", but the journal could not be removed: \(Failure(recording: error).line)"
      failure.next = "make /run writable, then: hostdev recover"
      return Outcome(result: .partial, steps: done, failure: failure, states: back.states)
    }
    if failure.next.isEmpty { failure.next = "see what the driver reports in dmesg, then run it again" }
    return Outcome(result: .rolledBack, steps: done, failure: failure, states: back.states)
  }

  /// What has not returned, in which process, and who holds the function.
  func texts(of pending: [Step], _ journal: Journal) -> [String] {
    // The newest writer is idle where an older one was left behind.
    let processes = journal.leftBehind.isEmpty ? [journal.writer].compactMap { $0 } : journal.leftBehind
    let alive = processes.filter(runtime.isAlive).map { "\($0.pid)" }
    return pending.map { step in
      let holder = step.function.flatMap(holders)
      return "\(step.path) did not return and is still pending (process \(alive.joined(separator: ", ")))"
        + (step.function == nil ? "" : holder.map { "; held by \($0)" } ?? "; no process that holds it was found")
    }
  }
}

extension Failure {
  init(recording error: RecordsError) {
    let next = "free some space or make it writable, then run it again"
    switch error {
    case .cannotWrite(let cause), .cannotRead(let cause):
      self.init(
        operation: "cannot write the journal", path: cause.path, errno: cause.errno.name, state: "nothing was changed",
        next: next)
    case .malformed(let file, let reason):
      self.init(
        operation: "cannot write the journal", path: file, errno: nil, state: "nothing was changed: \(reason)",
        next: next)
    case .locked(let holder):
      self.init(
        operation: "cannot take the lock", path: Records.folder + "/lock", errno: nil, state: "held by \(holder)",
        next: next)
    }
  }

  /// What was tried, where, and what came, in a line.
  var line: String { [operation, path, errno].compactMap { $0 }.joined(separator: ": ") }
}
