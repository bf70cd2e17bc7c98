import Sysfs
import System

/// Runs the expectations one after the other, and restores every function of `devices` after each.
public func run(
  _ expectations: [Expectation], on sysfs: any Sysfs, devices: TestDevices, machine: any TestMachine
) -> [Answer] {
  let before = TestDevices.names.compactMap { devices.addresses[$0] }.map { SavedState($0, sysfs) }
  return expectations.map { expectation in
    var answer = Answer(name: expectation.name, row: expectation.row, errno: nil, after: [:], failed: nil, isMet: false)
    var run = ExpectationRun(sysfs: sysfs, devices: devices, machine: machine)
    do {
      for step in expectation.setup { try run.perform(step) }
      let errno = try run.errno(of: expectation.write)
      answer.errno = errno?.name
      answer.isMet = expectation.answers.contains(errno)
      for check in expectation.after {
        let seen = try run.observe(check)
        answer.after[check.path] = seen.value
        answer.isMet = answer.isMet && seen.isExpected
      }
    } catch { answer.failed = "\(error)" }
    if let failure = run.finish(), answer.failed == nil { answer.failed = failure }
    for step in expectation.restore { try? run.perform(step) }
    let unrestored = before.compactMap { $0.restore(sysfs) }
    if !unrestored.isEmpty, answer.failed == nil {
      answer.failed = "not restored: \(unrestored.joined(separator: ", "))"
    }
    if answer.failed != nil { answer.isMet = false }
    return answer
  }
}

/// Why an expectation could not be run.
struct CannotRun: Error, CustomStringConvertible {
  let description: String
}
