import Host
import PCI
import Planning
import System
import TestSupport
import Testing
import Transactions

@testable import Operations

/// What a dry run of `recover` shows is what `recover` does: step by step, wherever the run was killed.
@Suite struct RecoveryPlanTests {
  /// A run to be killed.
  struct Move: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fixture: String
    let before: [@Sendable (inout Change) throws -> OperationResult]
    let run: @Sendable (inout Change) throws -> OperationResult

    init(
      _ name: String, _ fixture: String, after before: [@Sendable (inout Change) throws -> OperationResult] = [],
      _ run: @escaping @Sendable (inout Change) throws -> OperationResult
    ) {
      testDescription = name
      self.fixture = fixture
      self.before = before
      self.run = run
    }
  }

  private static func bind(_ selector: String) -> @Sendable (inout Change) throws -> OperationResult {
    { try $0.bind([selector], driver: "vfio-pci") }
  }

  private static func release(_ selector: String) -> @Sendable (inout Change) throws -> OperationResult {
    { try $0.release([selector]) }
  }

  private static func sriov(
    _ count: Int, driver: String? = nil, _ entries: [VirtualSettings.Entry] = []
  ) -> @Sendable (inout Change) throws -> OperationResult {
    { change in
      let settings = try VirtualSettings(count: count, entries)
      return try change.setVirtualFunctions(
        of: "01:00.1", VirtualFunctionsRequest(driver: driver, settings: settings))
    }
  }

  static let moves = [
    Move("bind", "alveo", bind("01:00")),
    Move("release", "alveo", after: [bind("01:00")], release("01:00")),
    Move("release to modules that are not loaded", "alveo-grub", release("01:00")),
    Move("release with a reset", "nvme-root", after: [bind("04:00.0")], release("04:00.0")),
    Move(
      "virtual functions for guests", "nic-vfs",
      sriov(2, driver: "vfio-pci", [.init(.mac, "52:54:00:00:09:00", of: 0), .init(.vlan, "7", of: 1)])),
    Move(
      "another number of virtual functions", "nic-vfs",
      after: [sriov(2, driver: "vfio-pci", [.init(.trust, "on", of: nil)])], sriov(3)),
    Move("virtual functions taken away", "nic-vfs", after: [sriov(2, [.init(.vlan, "100", of: 0)])], sriov(0)),
    Move(
      "virtual functions that are there", "nic-vfs", after: [sriov(2)],
      sriov(2, driver: "vfio-pci", [.init(.spoofCheck, "off", of: nil)])),
  ]

  /// The host as it is when the run is killed after each of its writes.
  private func moments(of move: Move) throws -> [SimulatedHost] {
    let host = try SimulatedHost(Fixture(move.fixture))
    for prepare in move.before {
      var change = try Change(host.invocation("prepare"))
      #expect(try prepare(&change).ending == .done)
    }
    var moments: [SimulatedHost] = []
    var invocation = host.invocation("move")
    invocation.hooks.afterWrite = { _, _ in
      do { moments.append(try host.killed()) } catch { Issue.record(error) }
    }
    var change = try Change(invocation)
    #expect(try move.run(&change).ending == .done)
    return moments
  }

  private func shown(_ host: SimulatedHost) throws -> RecoveryPlan {
    var invocation = host.invocation("recover", "--dry-run")
    invocation.isDryRun = true
    return try #require(try Change(invocation).recover().planned.first)
  }

  @Test(arguments: moves) func whatIsShownIsWhatIsDone(move: Move) throws {
    let moments = try moments(of: move)
    #expect(moments.count > 2)
    for (index, moment) in moments.enumerated() {
      let shown = try shown(moment)
      let log = StepLog()
      let result = try Change(log.recording(moment.invocation("recover"))).recover()
      #expect(result.status == .done, "after write \(index + 1): \(String(describing: result.worst))")
      #expect(shown.obstacle == nil && shown.steps == log.steps, "after write \(index + 1)")
    }
  }

  /// So that the comparison above is about something.
  @Test func modulesResetsAndNumbersAreShown() throws {
    let steps = try Self.moves.flatMap { try moments(of: $0).flatMap { try shown($0).steps } }
    #expect(steps.contains { if case .load = $0 { true } else { false } })
    #expect(steps.contains { if case .reset = $0 { true } else { false } })
    #expect(steps.contains { if case .link = $0 { true } else { false } })
    #expect(steps.contains { $0.isRenumbering })
  }

  @Test func whatRecoverLeavesAloneIsShownAsThat() throws {
    for moment in try moments(of: Self.moves[1]).dropLast() {
      try moment.file("/sys/bus/pci/devices/0000:01:00.1/driver_override", "pci-stub\n")
      let shown = try shown(moment)
      #expect(shown.steps == [])
      let recovered = try #require(try Change(moment.invocation("recover")).recover().recovered.first)
      #expect(recovered.result == .stranger)
      #expect(shown.unchanged?.result == recovered.result && shown.unchanged?.details == recovered.details)
    }
  }

  @Test func anUnbindUnderAGuestIsShownAsHeld() throws {
    let moment = try #require(try moments(of: Self.moves[1]).first)
    try moment.file("/proc/4242/comm", "qemu\n")
    try moment.link("/proc/4242/fd/3", to: "/dev/vfio/12")
    let shown = try shown(moment)
    #expect(shown.steps == [])
    let recovered = try #require(try Change(moment.invocation("recover")).recover().recovered.first)
    #expect(recovered.result == .held)
    #expect(shown.unchanged?.result == recovered.result && shown.unchanged?.details == recovered.details)
  }
}

/// The steps that writers got to perform, in order.
private final class StepLog {
  private(set) var steps: [Step] = []

  func recording(_ invocation: Invocation) -> Invocation {
    guard case .none(let writers) = invocation.isolation else { return invocation }
    var recorded = invocation
    recorded.isolation = .none { root in Source(self, writers(root)) }
    return recorded
  }

  private struct Source: WriterSource {
    let log: StepLog
    let inner: any WriterSource

    init(_ log: StepLog, _ inner: any WriterSource) {
      self.log = log
      self.inner = inner
    }

    func start() throws(SystemError) -> any Writer { LoggedWriter(log, try inner.start()) }
  }

  private final class LoggedWriter: Writer {
    private let log: StepLog
    private let inner: any Writer

    init(_ log: StepLog, _ inner: any Writer) {
      self.log = log
      self.inner = inner
    }

    var isUsable: Bool { inner.isUsable }
    var process: ProcessIdentity? { inner.process }

    func ask(_ request: WriterRequest, within limit: Duration, waiting: (Duration) -> Void) -> WriterAnswer {
      if case .perform(let step) = request { log.steps.append(step) }
      return inner.ask(request, within: limit, waiting: waiting)
    }

    func finish() { inner.finish() }
  }
}
