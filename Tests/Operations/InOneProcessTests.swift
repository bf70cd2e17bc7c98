import Host
import PCI
import TestSupport
import Testing

@testable import Operations

/// Assess, plan and run without any other process: the writer, the clock and the processes are simulated.
@Suite struct InOneProcessTests {
  private static let alveo = Fixture("alveo")
  private let card = [Address(domain: 0, routingID: 0x100), Address(domain: 0, routingID: 0x101)]

  private func bind(_ host: SimulatedHost, _ change: (inout Invocation) -> Void = { _ in }) throws -> OperationResult {
    var invocation = host.invocation("bind", "01:00")
    change(&invocation)
    var run = try Change(invocation)
    return try run.bind(["01:00"], driver: "vfio-pci")
  }

  @Test func aSetIsBoundAndReleased() throws {
    let host = try SimulatedHost(Self.alveo)
    let before = try host.states(card)
    let bound = try bind(host)
    #expect(bound.ending == .done && bound.status == .done, "\(String(describing: bound.diagnostic))")
    #expect(bound.outcome?.steps.isEmpty == false)
    let status = try StatusOverview(Workspace(host.invocation("status")))
    #expect(status.runs.isEmpty)
    #expect(status.held.map(\.hold.function) == card)
    #expect(status.held.allSatisfy { $0.drift == nil && $0.hold.since == 1_800_000_000 })
    #expect(status.held.allSatisfy { $0.hold.command == ["hostdev", "bind", "01:00"] })
    #expect(status.held.allSatisfy { $0.function?.driver.value == "vfio-pci" })

    var run = try Change(host.invocation("release", "--all"))
    let released = try run.release(nil)
    #expect(released.ending == .done, "\(String(describing: released.diagnostic))")
    #expect(try host.states(card) == before)
    #expect(try StatusOverview(Workspace(host.invocation("status"))).held.isEmpty)
  }

  @Test func whatIsOnlyAskedForChangesNothing() throws {
    let host = try SimulatedHost(Self.alveo)
    let before = try host.states(card)
    let planned = try bind(host) { $0.isDryRun = true }
    #expect(planned.ending == .planned && planned.outcome == nil && !planned.set.plan.isEmpty)
    #expect(try host.states(card) == before)
  }

  @Test func aBindThatFailsIsPutBack() throws {
    let host = try SimulatedHost(Self.alveo)
    let before = try host.states(card)
    try host.file(
      "/run/hostdev-simulator/faults.json",
      #"{"writes": [{"path": "/sys/bus/pci/drivers/vfio-pci/bind", "value": "0000:01:00.1", "errno": "EIO"}]}"#)
    let failed = try bind(host)
    #expect(failed.ending == .failed && failed.status == .rolledBack)
    #expect(failed.diagnostic?.errno == "EIO" && failed.outcome?.result == .rolledBack)
    #expect(try host.states(card) == before)
    let status = try StatusOverview(Workspace(host.invocation("status")))
    #expect(status.held.isEmpty && status.runs.isEmpty)
  }

  /// Killed after each of its writes, the host comes back to where it was, or has reached its target.
  @Test func aRunThatWasKilledIsRecovered() throws {
    let host = try SimulatedHost(Self.alveo)
    let before = try host.states(card)
    var moments: [SimulatedHost] = []
    let bound = try bind(host) { invocation in
      invocation.hooks.afterWrite = { _, _ in
        do { moments.append(try host.killed()) } catch { Issue.record(error) }
      }
    }
    #expect(bound.ending == .done)
    let after = try host.states(card)
    #expect(moments.count > 4)
    for (index, moment) in moments.enumerated() {
      let status = try StatusOverview(Workspace(moment.invocation("status")))
      #expect(status.runs.count == 1 && status.runs.allSatisfy { !$0.isUnderWay && $0.pendingIn == nil })
      let result = try Change(moment.invocation("recover")).recover()
      #expect(result.status == .done, "after write \(index + 1): \(String(describing: result.worst))")
      let states = try moment.states(card)
      #expect(states == (result.recovered.first?.result == .finished ? after : before), "after write \(index + 1)")
      #expect(try StatusOverview(Workspace(moment.invocation("status"))).runs.isEmpty)
    }
  }

  /// A guest keeps its function: the write does not return, in simulated time, and is left behind.
  @Test func aWriteThatDoesNotReturnIsLeftBehind() throws {
    let host = try SimulatedHost(Self.alveo)
    _ = try bind(host)
    try host.file("/run/hostdev-simulator/holders/0000:01:00.0", "")
    let began = ContinuousClock.now
    var run = try Change(host.invocation("release", "01:00"))
    let released = try run.release(["01:00"])
    #expect(released.status == .timeout && released.outcome?.result == .timeout)
    #expect(host.time.elapsed >= .seconds(120))
    #expect(began.duration(to: .now) < .seconds(60))
    let status = try StatusOverview(Workspace(host.invocation("status")))
    #expect(status.runs.map { $0.pendingIn != nil } == [true])
  }
}
