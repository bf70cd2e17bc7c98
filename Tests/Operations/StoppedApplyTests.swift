import PCI
import System
import TestSupport
import Testing

@testable import Operations

/// A pin that is not brought into place says why: its file is not to blame for a signal.
@Suite struct StoppedApplyTests {
  private func host() throws -> SimulatedHost {
    let host = try SimulatedHost(Fixture("alveo"))
    var change = try Change(host.invocation("pin", "card", "01:00"))
    _ = try change.pin(["01:00"], PinRequest(name: "card"))
    return host
  }

  @Test func aSignalIsNoFaultOfThePin() throws {
    let host = try host()
    var invocation = host.invocation("apply")
    let own = host.newProcess()
    invocation.runtime = Runtime(clock: host.time.clock, own: { own }, lives: { $0 == own }, signal: { "SIGTERM" })
    let run = try #require(try ApplyOperation().run(invocation).runs.first)
    #expect(run.diagnostic?.operation.contains("SIGTERM") == true)
    #expect(run.result == .rolledBack && run.status == .rolledBack)
  }

  @Test func aFileThatCannotBeReadIs() throws {
    let host = try host()
    try host.file("/etc/hostdev/pins.d/card.json", "{")
    let run = try #require(try ApplyOperation().run(host.invocation("apply")).runs.first)
    #expect(run.result == .unusable && run.status == .malformed)
  }
}
