import Planning
import Host
import PCI
import System

/// One journal while it is carried out: its writer process, and the results.
///
/// A writer that does not answer is left behind and another one takes its place, so that one function's silence does not
/// keep the others from being put back.
final class Session {
  private(set) var journal: Journal
  private let runner: Runner
  private var writer: (any Writer)?
  /// The journal stands under /run, be it in an older form.
  private var isOnDisk: Bool
  /// Functions of which the kernel took a write, or may have: only these can be other than they were.
  private(set) var touched: Set<Address> = []
  /// Stops between two writes when we are asked to end; off while putting back.
  var isInterruptible: Bool
  private let begun: ContinuousClock.Instant
  /// Asked once, when modules are loaded and nothing is written yet: what speaks against it now.
  var recheck: (() -> Failure?)?

  /// `isOnDisk`: the journal is one that an earlier run left.
  init(_ journal: Journal, runner: Runner, isInterruptible: Bool, isOnDisk: Bool = false) {
    self.journal = journal
    self.runner = runner
    self.isInterruptible = isInterruptible
    self.isOnDisk = isOnDisk
    begun = runner.runtime.clock.now
  }

  private var clock: Clock { runner.runtime.clock }

  deinit { writer?.finish() }

  // MARK: Journal and writer

  func update(_ change: (inout Journal) -> Void) throws(RecordsError) {
    change(&journal)
    try runner.records.save(journal)
  }

  /// Starts a writer and puts the journal, with that writer's name in it, on disk. A living one before it is left behind.
  func start() throws(Failure) {
    if let old = journal.writer, runner.runtime.isAlive(old) { journal.leftBehind.append(old) }
    let fresh: any Writer
    do { fresh = try runner.writers.start() } catch {
      throw Failure(
        operation: "cannot start the writer process", path: error.path, errno: error.errno.name,
        state: "nothing was changed",
        next: "check that \(error.path) exists and can be executed")
    }
    do { try update { $0.writer = fresh.process } } catch {
      // The first journal must be on disk before anything is written. Once it is, that it cannot be written anew (a full
      // /run) must not keep us from putting back: the writer that it does not name dies with us.
      guard isOnDisk else {
        fresh.finish()
        throw Failure(recording: error)
      }
    }
    isOnDisk = true
    writer = fresh
  }

  /// Asks the writer, or where that is stuck or dead a new one.
  private func ask(
    _ request: WriterRequest, within limit: Duration, waiting: (Duration) -> Void = { _ in }
  ) -> WriterAnswer {
    if writer?.isUsable != true {
      writer?.finish()
      writer = nil
      do { try start() } catch { return .died }
    }
    return writer?.ask(request, within: limit, waiting: waiting) ?? .died
  }

  // MARK: Steps

  /// All steps in order, up to the first that fails.
  func carryOut(_ steps: [Step], _ done: inout [Outcome.Done]) -> Failure? {
    for (index, step) in steps.enumerated() {
      if isInterruptible, let signal = runner.runtime.signalName {
        return Failure(
          operation: "stopped by \(signal) before: \(step.text)", path: step.path, errno: nil, state: "",
          next: "run it again")
      }
      announce(step)
      if step.isChange, let check = recheck {
        recheck = nil
        if let failure = check() { return failure }
      }
      let (record, failure) = perform(step, index: index)
      done.append(record)
      if let failure { return failure }
    }
    return nil
  }

  /// Like `carryOut`, but a function that fails is left and the others' steps go on. `first`: the index of the first one.
  func carryOutAll(_ steps: [Step], from first: Int = 0) -> (done: [Outcome.Done], failures: [Failure]) {
    var failed: Set<Address?> = []
    var done: [Outcome.Done] = []
    var failures: [Failure] = []
    for (index, step) in steps.enumerated() where !isBarred(step, by: failed) {
      announce(step)
      let (record, failure) = perform(step, index: first + index)
      done.append(record)
      if let failure {
        failures.append(failure)
        failed.insert(step.function)
      }
    }
    return (done, failures)
  }

  /// A function that failed is left; with a physical one its virtual ones, and with a virtual one the number of them,
  /// which is never written while one may be held.
  private func isBarred(_ step: Step, by failed: Set<Address?>) -> Bool {
    if failed.isEmpty { return false }
    if failed.contains(step.function) { return true }
    let physical = journal.physical
    if let own = step.function.flatMap({ physical[$0] }), failed.contains(own) { return true }
    return step.isRenumbering && physical.contains { failed.contains($0.key) && $0.value == step.function }
  }

  /// The kernel took this step, or may have.
  private func touch(_ step: Step) {
    guard let function = step.function else { return }
    touched.insert(function)
    if step.isRenumbering { touched.formUnion(journal.physical.filter { $0.value == function }.keys) }
  }

  private func announce(_ step: Step) {
    guard step.isChange else { return }
    runner.writes.count += 1
    runner.hooks.beforeWrite(runner.writes.count)
  }

  private func perform(_ step: Step, index: Int) -> (Outcome.Done, Failure?) {
    let isWrite = step.isChange
    let limit = runner.timeouts.limit(for: step)
    let deadline = clock.now + limit
    while true {
      // Each try is a write of its own: one that begins just before the deadline would else be taken for one that hangs.
      switch ask(.perform(step), within: limit, waiting: { runner.hooks.whileWaiting(step, $0, limit) }) {
      case .done(let reply):
        // A probe that was deferred is not queued again by the kernel: tried again until the deadline.
        if case .bind = step, reply.errno == Errno.tryAgain.name,
          clock.now + .milliseconds(200) < deadline
        {
          clock.sleep(milliseconds: 200)
          continue
        }
        if case .bind = step, reply.errno == Errno.noDevice.name, isStillBeingAdded(step) {
          clock.sleep(milliseconds: 20)
          continue
        }
        if reply.errno == nil, isWrite { touch(step) }
        if isWrite { runner.hooks.afterWrite(runner.writes.count, journal.writer?.pid ?? 0) }
        let record = Outcome.Done(index: index, milliseconds: reply.milliseconds, errno: reply.errno)
        guard let errno = reply.errno, !isSettled(step, errno) else { return (record, nil) }
        return (record, failure(of: step, errno, in: reply))
      case .late:
        touch(step)
        // The journal is updated before anything else: no run may touch the function until the write ends.
        try? update { $0.pending.append(step) }
        return (
          Outcome.Done(index: index, milliseconds: limit.milliseconds, errno: Errno.timedOut.name),
          Failure(operation: step.text, path: step.path, errno: Errno.timedOut.name, state: "", next: "")
        )
      case .died:
        touch(step)
        return (
          Outcome.Done(index: index, milliseconds: 0, errno: Errno.brokenPipe.name),
          Failure(
            operation: step.text, path: step.path, errno: Errno.brokenPipe.name, state: "",
            next: "another process ended the writer process; run it again")
        )
      }
    }
  }

  /// An error that only says that the function is in the requested state already: another program's probe was faster,
  /// or the kernel unbound the function as a consumer of another one.
  private func isSettled(_ step: Step, _ errno: String) -> Bool {
    if step.isOptional(in: journal.plan) { return true }
    guard let function = step.function else { return false }
    let wanted: State.Driver
    switch (step, errno) {
    // ENOENT: the driver's module was unloaded, which unbinds what it had.
    case (.unbind, Errno.noDevice.name), (.unbind, Errno.noEntry.name): wanted = .unbound
    case (.bind(_, let driver), Errno.busy.name), (.bind(_, let driver), Errno.noDevice.name):
      wanted = .bound(driver)
    default: return false
    }
    guard case .done(let reply) = ask(.look(function, attributes: []), within: Self.patience), let state = reply.state
    else { return false }
    return state.driver == wanted
  }

  /// Within the run's patience, and no driver has it yet.
  private func isStillBeingAdded(_ step: Step) -> Bool {
    guard clock.now < begun + runner.patience, let function = step.function,
      case .done(let reply) = ask(.look(function, attributes: []), within: Self.patience), let state = reply.state
    else { return false }
    return state.driver == .unbound
  }

  private func failure(of step: Step, _ errno: String, in reply: WriterReply) -> Failure {
    var failure = Failure(
      operation: step.text + (reply.detail.map { ": \($0)" } ?? ""), path: reply.path ?? step.path, errno: errno,
      state: "", next: "")
    if case .expectAnswer = step {
      failure.next =
        if journal.kind == .release, let function = step.function {
          DeadFunction.wayOut(of: function)
        } else {
          "power the host off and on; if it still does not answer, reseat or replace the card"
        }
    } else if let reason = VirtualFunctionErrno.reason(step, errno) {
      failure.next = reason
    } else if case .load(let words, _) = step {
      failure.isMissingModule = true
      failure.next =
        "find out why it cannot be loaded: modprobe \(words.joined(separator: " ")); grep -r . /etc/modprobe.d"
    }
    return failure
  }

  // MARK: Looks

  /// How long to wait for a look. It reads two attributes, so if it takes longer, another process holds a lock. On a
  /// very busy host it can take seconds.
  private static let patience: Duration = .seconds(15)

  /// What the writer sees of a function now; nil where it does not answer or is gone.
  func look(_ placement: Placement) -> WriterReply? {
    guard
      case .done(let reply) = ask(
        .look(
          placement.function, attributes: placement.attributeNames, virtual: placement.virtual),
        within: Self.patience)
    else { return nil }
    return reply
  }

  /// The states now, of those that answer and have no write pending.
  func states(of placements: [Placement]) -> [Placement] {
    let silent = journal.pendingFunctions
    return placements.compactMap { placement in
      guard !silent.contains(placement.function) else { return nil }
      return look(placement)?.state.map { Placement(placement.function, $0) }
    }
  }

  /// Reads back that every function is where it was to go and, if it is `forGuests`, that a guest can open it.
  func verify(_ wanted: [Placement], forGuests: Bool = true) -> Failure? {
    for placement in wanted {
      let reply = look(placement)
      guard let state = reply?.state, placement.state.admits(state) else {
        return Failure(
          operation:
            "verify \(placement.function): expected \(placement.state), found \(reply?.state.map(\.description) ?? "nothing")",
          path: "/sys/bus/pci/devices/\(placement.function)/driver", errno: nil, state: "", next: "")
      }
      guard forGuests else { continue }
      if let driver = placement.state.driver.name, VFIODriver.isVFIO(driver), reply?.hasVFIONode == false {
        return Failure(
          operation: "verify \(placement.function): on \(driver), but no VFIO node appeared",
          path: "/sys/bus/pci/devices/\(placement.function)/vfio-dev", errno: Errno.noEntry.name, state: "",
          next: "check that the vfio module is loaded: lsmod | grep vfio; ls /dev/vfio")
      }
      // The check before the run found no blocker, so another program bound this one since. The functions of the set
      // itself are verified one by one.
      if let driver = placement.state.driver.name, VFIODriver.isVFIO(driver), let blocker = reply?.blockers?.first {
        return Failure(
          operation: "verify \(placement.function): its group cannot be opened with \(blocker)",
          path: "/sys/bus/pci/devices/\(placement.function)/iommu_group", errno: nil, state: "",
          next: "find out what bound it meanwhile, then run it again")
      }
    }
    return nil
  }
}
