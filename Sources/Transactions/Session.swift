import Assignment
import Host
import PCI
import System

/// One writer process at work for a run.
final class Session {
  let writer: Writer
  private let runner: Runner
  /// Stops between two writes when we are asked to end; off while putting back.
  private let isInterruptible: Bool
  /// The step that did not return.
  private(set) var pending: Step?
  private static var writes: Int {
    get { counter.value }
    set { counter.value = newValue }
  }
  private static let counter = Counter()

  /// Writes of this process so far; one run of the program is single-threaded.
  private final class Counter: @unchecked Sendable { var value = 0 }

  init(writer: Writer, runner: Runner, isInterruptible: Bool) {
    self.writer = writer
    self.runner = runner
    self.isInterruptible = isInterruptible
  }

  /// All steps in order, up to the first that fails.
  func carryOut(_ steps: [Step], _ done: inout [Outcome.Done]) -> Failure? {
    for (index, step) in steps.enumerated() {
      if isInterruptible, let signal = Interruption.signalName {
        return Failure(
          operation: "stopped by \(signal) before: \(step.words)", path: step.path, errno: nil, state: "",
          next: "run it again")
      }
      let (record, failure) = perform(step, index: index)
      done.append(record)
      if let failure { return failure }
    }
    return nil
  }

  /// Like `carryOut`, but a failed function is left and the others' steps go on. The failures, by function.
  func carryOutAll(_ steps: [Step]) -> [Failure] {
    var failed: Set<Address?> = []
    var failures: [Failure] = []
    for (index, step) in steps.enumerated() where !failed.contains(step.function) {
      if let failure = perform(step, index: index).1 {
        failures.append(failure)
        failed.insert(step.function)
        if writer.isStuck { break }
      }
    }
    return failures
  }

  private func perform(_ step: Step, index: Int) -> (Outcome.Done, Failure?) {
    let isWrite = step.operation != .expect
    if isWrite {
      Self.writes += 1
      runner.hooks.beforeWrite(Self.writes)
    }
    let limit = runner.timeouts.limit(for: step)
    let deadline = ContinuousClock.now + limit
    while true {
      switch writer.ask(.perform(step), within: ContinuousClock.now.duration(to: deadline)) {
      case .done(let reply):
        // A probe that was deferred is not queued again by the kernel.
        if step.path.hasSuffix("/bind"), reply.errno == Errno.tryAgain.name,
          ContinuousClock.now + .milliseconds(200) < deadline
        {
          Clock.sleep(milliseconds: 200)
          continue
        }
        if isWrite { runner.hooks.afterWrite(Self.writes, writer.process?.pid ?? 0) }
        let record = Outcome.Done(index: index, milliseconds: reply.milliseconds, errno: reply.errno)
        guard let errno = reply.errno, !isSettled(step, errno) else { return (record, nil) }
        return (record, failure(step, errno, reply))
      case .late:
        pending = step
        return (
          Outcome.Done(index: index, milliseconds: Int(limit.components.seconds) * 1000, errno: Errno.timedOut.name),
          Failure(operation: step.words, path: step.path, errno: Errno.timedOut.name, state: "", next: "")
        )
      case .died:
        return (
          Outcome.Done(index: index, milliseconds: 0, errno: Errno.brokenPipe.name),
          Failure(
            operation: step.words, path: step.path, errno: Errno.brokenPipe.name,
            state: "", next: "the writer process was ended from outside; run it again")
        )
      }
    }
  }

  /// An error that only says that it is so already: somebody's probe was faster, or the driver let go by itself as a
  /// consumer of another function.
  private func isSettled(_ step: Step, _ errno: String) -> Bool {
    guard let function = step.function, step.operation == .write else { return false }
    let wanted: String?
    if step.path.hasSuffix("/unbind"), errno == Errno.noDevice.name {
      wanted = nil
    } else if step.path.hasSuffix("/bind"), errno == Errno.busy.name || errno == Errno.noDevice.name {
      wanted = step.path.split(separator: "/").dropLast().last.map(String.init)
    } else {
      return false
    }
    guard case .done(let reply) = writer.ask(.look(function, attributes: []), within: .seconds(5)),
      let state = reply.state
    else { return false }
    return state.driver == wanted
  }

  private func failure(_ step: Step, _ errno: String, _ reply: WriterReply) -> Failure {
    var failure = Failure(
      operation: step.words + (reply.detail.map { ": \($0)" } ?? ""), path: reply.path ?? step.path, errno: errno,
      state: "",
      next: step.operation == .loadModule ? "modprobe \(step.value ?? "")" : "")
    failure.isMissing = step.operation == .loadModule
    return failure
  }

  /// What the writer sees of a function now; nil where it does not answer or is gone.
  func look(_ placement: Placement) -> WriterReply? {
    guard
      case .done(let reply) = writer.ask(
        .look(placement.function, attributes: placement.state.attributes.keys.sorted()), within: .seconds(10))
    else { return nil }
    return reply
  }

  /// Reads back that every function is where it was to go, and that a guest can open it.
  func verify(_ wanted: [Placement]) -> Failure? {
    for placement in wanted {
      let reply = look(placement)
      guard reply?.state == placement.state else {
        return Failure(
          operation:
            "verify \(placement.function): wanted \(placement.state), found \(reply?.state.map(\.description) ?? "nothing")",
          path: "/sys/bus/pci/devices/\(placement.function)/driver", errno: nil, state: "", next: "")
      }
      if let driver = placement.state.driver, VFIODriver.isVFIO(driver), reply?.hasVFIONode == false {
        return Failure(
          operation: "verify \(placement.function): on \(driver), but no VFIO node appeared",
          path: "/sys/bus/pci/devices/\(placement.function)/vfio-dev", errno: Errno.noEntry.name, state: "",
          next: "look whether the vfio module is loaded: modprobe vfio-pci; ls /dev/vfio")
      }
    }
    return nil
  }
}

extension Step {
  /// In words, for a message: `bind 0000:01:00.0 to vfio-pci`.
  var words: String {
    let name = function.map(\.description) ?? ""
    switch operation {
    case .loadModule: return "modprobe \(value ?? "")"
    case .expect: return "verify that \(name) is \(value.map { "on \($0)" } ?? "unbound")"
    case .write:
      let driver = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
      if path.hasSuffix("/unbind") { return "unbind \(name) from \(driver)" }
      if path.hasSuffix("/bind") { return "bind \(name) to \(driver)" }
      if path.hasSuffix("/reset") { return "reset \(name)" }
      let attribute = path.split(separator: "/").last.map(String.init) ?? path
      return value == "\n" ? "clear \(attribute) of \(name)" : "set \(attribute) of \(name) to \(value ?? "")"
    }
  }
}
