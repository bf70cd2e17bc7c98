import Assignment
import Host
import PCI
import System

extension Runner {
  /// How far things are as they were.
  struct Back {
    let states: [Placement]
    /// Everything is as it was, and was read back.
    let isWhole: Bool
    /// All but a function whose write is pending are as they were.
    var others = false
    let text: String
  }

  /// Takes the set back to its prior state from wherever it is now, and says how that went.
  /// `without`: a function whose write is still pending, which nothing may touch.
  func putBack(_ journal: inout Journal, after run: Session, without pending: Address?) -> Back {
    let session: Session
    do { session = try back(&journal, run) } catch {
      return Back(
        states: [], isWhole: false, text: "and it could not be put back: \(error.operation): \(error.errno ?? "")")
    }
    defer { if session.writer !== run.writer { session.writer.finish() } }
    let wanted = journal.prior.filter { $0.function != pending }
    let allowed = passes(from: journal.prior, to: journal.target, by: journal.plan)
    var now: [Placement] = []
    var strangers: [String] = []
    for placement in wanted {
      guard let state = session.look(placement)?.state else {
        strangers.append("\(placement.function) is gone or does not answer")
        continue
      }
      if allowed[placement.function]?.contains(state) == true {
        now.append(Placement(placement.function, state))
      } else {
        strangers.append("\(placement.function) was moved by somebody else meanwhile: \(state)")
      }
    }
    let ours = Set(now.map(\.function))
    let failures = session.carryOutAll(converge(from: now, to: wanted.filter { ours.contains($0.function) }))
    var states: [Placement] = []
    var wrong: [String] = strangers
    for placement in wanted {
      guard let state = session.look(placement)?.state else { continue }
      states.append(Placement(placement.function, state))
      if state != placement.state, ours.contains(placement.function) {
        wrong.append("\(placement.function) should be: \(placement.state); is: \(state)")
      }
    }
    wrong += failures.map { "\($0.operation): \($0.errno ?? "")" }
    let text =
      wrong.isEmpty
      ? (wanted.isEmpty
        ? "nothing else was touched"
        : wanted.count == journal.prior.count
          ? "everything was put back as it was" : "the others were put back as they were")
      : wrong.joined(separator: "; ")
    return Back(states: states, isWhole: wrong.isEmpty && pending == nil, others: wrong.isEmpty, text: text)
  }

  /// For putting back, which no signal stops: the writer of the run, or where that is stuck or dead a new one.
  private func back(_ journal: inout Journal, _ run: Session) throws(Failure) -> Session {
    if run.writer.isUsable { return Session(writer: run.writer, runner: self, isInterruptible: false) }
    return Session(writer: try open(&journal).writer, runner: self, isInterruptible: false)
  }
}
