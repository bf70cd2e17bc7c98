import Planning
import Host
import PCI

extension Session {
  /// How far things are as they were.
  struct RolledBack {
    /// As read back.
    let states: [Placement]
    /// Every function without a pending write is as it was, and was read back.
    let isWhole: Bool
    let text: String
  }

  /// Takes the set back to its prior state from wherever it is now, and says how that went. A function whose write is
  /// pending is not touched, nor is one that another program moved.
  func rollBack() -> RolledBack {
    let allowed = statesOnTheWay(from: journal.prior, to: journal.target, by: journal.plan)
    var strangers: [String] = []
    var now: [Placement] = []
    for placement in journal.prior where !journal.pendingFunctions.contains(placement.function) {
      guard let state = look(placement)?.state else {
        // What the kernel took no write of is as it was, even where it cannot be read.
        if touched.contains(placement.function) {
          strangers.append("\(placement.function) is gone or does not answer")
        }
        continue
      }
      if allowed[placement.function]?.contains(where: { $0.admits(state) }) == true {
        now.append(Placement(placement.function, state))
      } else {
        strangers.append("\(placement.function) was moved by another program meanwhile: \(state)")
      }
    }
    // The goal includes the functions that must not be touched, so that a physical function keeps its number of VFs.
    let all = journal.prior.map { place in journal.wayBack(for: now.first { $0.function == place.function } ?? place) }
    let failures = carryOutAll(converge(from: now, to: all)).failures
    let wanted = now.map { journal.wayBack(for: $0) }
    let states = states(of: wanted)
    let silent = journal.pendingFunctions
    var wrong = strangers
    for placement in wanted where !silent.contains(placement.function) {
      let state = states.first { $0.function == placement.function }?.state
      if !(state.map(placement.state.admits) ?? false) {
        wrong.append(
          "\(placement.function) must be: \(placement.state); it is: \(state.map(\.description) ?? "not readable")")
      }
    }
    if !wrong.isEmpty { wrong += failures.map(\.line) }
    let text =
      !wrong.isEmpty
      ? wrong.joined(separator: "; ")
      : silent.isEmpty
        ? "everything was put back as it was"
        : wanted.allSatisfy { silent.contains($0.function) }
          ? "nothing else was touched" : "the others were put back as they were"
    return RolledBack(states: states, isWhole: wrong.isEmpty, text: text)
  }
}
