import Sysfs
import System

/// Plays the expectations one after the other, and puts every role's function back after each.
public func play(
  _ expectations: [Expectation], on sysfs: any Sysfs, roles: Roles, stage: any Stage
) -> [Answer] {
  let before = Roles.names.compactMap { roles.addresses[$0] }.map { Kept($0, sysfs) }
  return expectations.map { expectation in
    var answer = Answer(name: expectation.name, row: expectation.row, errno: nil, after: [:], failed: nil, isMet: false)
    var player = Player(sysfs: sysfs, roles: roles, stage: stage)
    do {
      for step in expectation.setup { try player.take(step) }
      let errno = try player.errno(of: expectation.write)
      answer.errno = errno?.name
      answer.isMet = expectation.answers.contains(errno)
      for look in expectation.after {
        let seen = try player.see(look)
        answer.after[look.path] = seen.value
        answer.isMet = answer.isMet && seen.isExpected
      }
    } catch { answer.failed = "\(error)" }
    if let failure = player.letGo(), answer.failed == nil { answer.failed = failure }
    for step in expectation.restore { try? player.take(step) }
    let left = before.compactMap { $0.putBack(sysfs) }
    if !left.isEmpty, answer.failed == nil { answer.failed = "not put back: \(left.joined(separator: ", "))" }
    if answer.failed != nil { answer.isMet = false }
    return answer
  }
}

/// Why an expectation could not be played.
struct CannotPlay: Error, CustomStringConvertible {
  let description: String
}
