import PCI
import TestSupport
import Testing

@testable import Operations

/// A bind of two functions that is killed somewhere, and recovered, and perhaps killed again meanwhile: one seed is one
/// sequence of histories.
@Suite struct SeededHistoriesTests {
  private static let card = [Address(domain: 0, routingID: 0x100), Address(domain: 0, routingID: 0x101)]

  /// What ends a run: nothing, or a kill before or after one of its writes.
  private struct Kill {
    let write: Int
    let isBefore: Bool

    init(upTo writes: Int, using generator: inout SeededGenerator) {
      write = .random(in: 1...writes, using: &generator)
      isBefore = .random(using: &generator)
    }

    /// The host as `invocation` leaves it if it is killed there.
    func moment(of host: SimulatedHost, _ invocation: Invocation, _ run: (Invocation) throws -> Void) throws
      -> SimulatedHost?
    {
      var invocation = invocation
      var moment: SimulatedHost?
      var failure: (any Error)?
      func take() { do { moment = try host.killed() } catch { failure = error } }
      if isBefore {
        invocation.hooks.beforeWrite = { if $0 == write { take() } }
      } else {
        invocation.hooks.afterWrite = { number, _ in if number == write { take() } }
      }
      try run(invocation)
      if let failure { throw failure }
      return moment
    }
  }

  private static func bind(_ invocation: Invocation) throws {
    var run = try Change(invocation)
    #expect(try run.bind(["01:00"], driver: "vfio-pci").ending == .done)
  }

  @Test func whatIsKilledAnywhereIsRecovered() throws {
    let host = try SimulatedHost(Fixture("alveo"))
    let before = try host.states(Self.card)
    var writes = 0
    var invocation = host.invocation("bind", "01:00")
    invocation.hooks.afterWrite = { number, _ in writes = number }
    try Self.bind(invocation)
    let after = try host.states(Self.card)
    let seed = SeededGenerator.newSeed
    var generator = SeededGenerator(seed)
    for number in 0..<Self.count {
      let host = try SimulatedHost(Fixture("alveo"))
      let kill = Kill(upTo: writes, using: &generator)
      let again = Bool.random(using: &generator) ? Kill(upTo: writes, using: &generator) : nil
      let history: Comment = "HOSTDEV_SEED=\(seed), history \(number): \(kill), then \(String(describing: again))"
      var left = try #require(try kill.moment(of: host, host.invocation("bind", "01:00"), Self.bind), history)
      func recover(_ invocation: Invocation) throws {
        #expect(try Change(invocation).recover().status == .done, history)
      }
      // A recovery with fewer writes than that comes to its end.
      left = try again?.moment(of: left, left.invocation("recover"), recover) ?? left
      try recover(left.invocation("recover"))
      let status = try StatusOverview(Workspace(left.invocation("status")))
      let states = try left.states(Self.card)
      #expect(status.runs.isEmpty, history)
      #expect(states == before || states == after, history)
      #expect(status.held.map(\.hold.function) == (states == after ? Self.card : []), history)
      #expect(try Change(left.invocation("recover")).recover().recovered.isEmpty, history)
    }
  }

  private static let count = 200

  /// What it leaves in memory is what it leaves on a disk.
  @Test func aDiskIsLeftTheSame() throws {
    let memory = try SimulatedHost(Fixture("alveo"))
    let disk = try SimulatedHost(Scratch(Fixture("alveo")))
    for host in [memory, disk] { try Self.bind(host.invocation("bind", "01:00")) }
    #expect(memory.all == disk.all)
    for name in memory.all {
      #expect(memory[name] == disk[name] && memory.target(name) == disk.target(name), "\(name)")
    }
  }
}
