import Assignment
import Host
import PCI
import System

/// Carries a plan out, and puts everything back where it cannot.
public struct Runner {
  let ledger: Ledger
  let writerPath: String
  let writerArguments: [String]
  let timeouts: Timeouts
  /// Who holds a function that does not answer: pids and commands, as far as can be seen.
  let holders: (Address) -> String?
  /// Called before and after each write, with its number in this run from 1; tests count on it.
  let hooks: Hooks

  public struct Hooks {
    public var beforeWrite: (_ number: Int) -> Void = { _ in }
    public var afterWrite: (_ number: Int, _ writer: Int32) -> Void = { _, _ in }
    public init() {}
  }

  /// `writerPath` and `writerArguments` start a program that runs a `WriterLoop` on the same root.
  public init(
    ledger: Ledger, writerPath: String, writerArguments: [String], timeouts: Timeouts,
    holders: @escaping (Address) -> String?, hooks: Hooks = Hooks()
  ) {
    self.ledger = ledger
    self.writerPath = writerPath
    self.writerArguments = writerArguments
    self.timeouts = timeouts
    self.holders = holders
    self.hooks = hooks
  }

  /// Runs the plan of a journal that is not yet on disk. The lock must be held.
  public func run(_ journal: Journal) -> Outcome {
    var journal = journal
    let session: Session
    do {
      session = try open(&journal)
    } catch {
      return Outcome(result: .rolledBack, steps: [], failure: error, states: journal.prior)
    }
    defer { session.writer.finish() }
    var done: [Outcome.Done] = []
    if let failure = session.carryOut(journal.plan, &done) ?? session.verify(journal.target) {
      return giveUp(failure, &journal, session, done)
    }
    do {
      try record(journal)
      try ledger.close(journal)
    } catch {
      return giveUp(.init(recording: error), &journal, session, done)
    }
    return Outcome(result: .done, steps: done, failure: nil, states: journal.target)
  }

  /// Starts a writer and puts the journal, with that writer's name in it, on disk.
  func open(_ journal: inout Journal) throws(Failure) -> Session {
    let writer: Writer
    do { writer = try Writer(writerPath, writerArguments) } catch {
      throw Failure(
        operation: "start the writer process", path: error.path, errno: error.errno.name, state: "nothing was changed",
        next: "look why \(error.path) cannot be started")
    }
    journal.writer = writer.process
    do { try ledger.save(journal) } catch {
      writer.finish()
      throw Failure(recording: error)
    }
    return Session(writer: writer, runner: self, isInterruptible: true)
  }

  /// The records that go with the target.
  func record(_ journal: Journal) throws(LedgerError) {
    switch journal.kind {
    case .bind: for hold in journal.holds { try ledger.save(hold) }
    case .release: for function in journal.set { try ledger.forget(function) }
    case .reset: break
    }
  }

  private func giveUp(_ failure: Failure, _ journal: inout Journal, _ session: Session, _ done: [Outcome.Done])
    -> Outcome
  {
    var failure = failure
    if let pending = session.pending {
      journal.pending = pending
      journal.leftBehind = journal.writer
      try? ledger.save(journal)
      failure.next = "look who holds it, end that, then: hostdev recover"
      let holder = pending.function.flatMap(holders)
      let back = putBack(&journal, after: session, without: pending.function)
      if let function = pending.function, back.others {
        journal.narrow(to: function)
        try? ledger.save(journal)
      }
      failure.state =
        "\(pending.path) did not return and is still pending in process \(journal.leftBehind.map { "\($0.pid)" } ?? "?")"
        + (holder.map { "; held by \($0)" } ?? "; no holder could be seen") + "; " + back.text
      return Outcome(result: .timeout, steps: done, failure: failure, states: back.states)
    }
    let back = putBack(&journal, after: session, without: nil)
    failure.state = back.text
    if back.isWhole {
      if failure.next.isEmpty { failure.next = "see dmesg for the driver's own words, then try again" }
      try? ledger.close(journal)
      return Outcome(result: .rolledBack, steps: done, failure: failure, states: back.states)
    }
    failure.next = "hostdev status shows what is where; hostdev recover goes on"
    return Outcome(result: .partial, steps: done, failure: failure, states: back.states)
  }
}

extension Failure {
  init(recording error: LedgerError) {
    let next = "make room or make it writable, then try again"
    switch error {
    case .cannotWrite(let cause), .cannotRead(let cause):
      self.init(
        operation: "write the journal", path: cause.path, errno: cause.errno.name, state: "nothing was changed",
        next: next)
    case .malformed(let file, let reason):
      self.init(
        operation: "write the journal", path: file, errno: nil, state: "nothing was changed: \(reason)", next: next)
    case .locked(let holder):
      self.init(
        operation: "take the lock", path: Ledger.folder + "/lock", errno: nil, state: "held by \(holder)", next: next)
    }
  }
}
