import Host
import PCI
import Synchronization
import System
import TestSupport

@testable import Operations

/// A copy of a fixture with a kernel, a clock and processes of its own, all in this process.
final class SimulatedHost: Rooted, Sendable {
  /// Where the files are: in memory, unless the test asks for a disk.
  private let tree: any SimulatedTree
  let root: Root
  let time = SimulatedTime()
  /// Processes that run; the test's program is the first of each life.
  private let living = Mutex<Set<ProcessIdentity>>([])
  private let counted = Mutex<Int32>(100)

  init(_ tree: any SimulatedTree) throws {
    self.tree = tree
    root = try tree.open()
  }

  convenience init(_ fixture: Fixture) throws { try self.init(fixture.inMemory()) }

  /// This host at this very moment, with none of its processes: as after SIGKILL to all of them.
  func killed() throws -> SimulatedHost {
    let host = try SimulatedHost(tree.moment())
    // Pids go on, so that a later process is not taken for an earlier one.
    let pid = counted.withLock { $0 }
    host.counted.withLock { $0 = pid }
    return host
  }

  func newProcess() -> ProcessIdentity {
    let pid = counted.withLock { pid in
      pid += 1
      return pid
    }
    let process = ProcessIdentity(pid: pid, start: UInt64(pid))
    _ = living.withLock { $0.insert(process) }
    return process
  }

  /// One call of the program, and what it told meanwhile.
  func invocation(_ words: String...) -> Invocation {
    let own = newProcess()
    var invocation = Invocation(command: ["hostdev"] + words)
    invocation.root = root.path
    // Each process has a handle of its own.
    invocation.openRoot = { [tree] _, _ throws(SystemError) in try tree.open() }
    invocation.runtime = Runtime(
      clock: time.clock, own: { own },
      lives: { [weak self] process in self?.living.withLock { $0.contains(process) } ?? false })
    let writers = SimulatedProcesses(self)
    invocation.isolation = .none { root in writers.source(on: root) }
    return invocation
  }

  /// Driver and override of these functions.
  func states(_ addresses: [Address]) throws -> [String] {
    let workspace = try Workspace(invocation("list"))
    workspace.detail(addresses)
    return addresses.map { "\($0): \(workspace.host[$0]?.state.description ?? "gone")" }
  }
}

/// The files of a simulated host: in memory, or on a disk to compare with.
protocol SimulatedTree: Sendable {
  /// A process's own handle.
  func open() throws(SystemError) -> Root
  /// A copy of all as it is now.
  func moment() throws -> any SimulatedTree
}

extension MemoryTree: SimulatedTree {
  func open() throws(SystemError) -> Root { root() }
  func moment() throws -> any SimulatedTree { copy() }
}

extension Scratch: SimulatedTree {
  func open() throws(SystemError) -> Root { try Root(path) }
  func moment() throws -> any SimulatedTree { try Scratch(copying: self) }
}

/// Gives each writer a process of its own.
private final class SimulatedProcesses {
  private unowned let host: SimulatedHost
  init(_ host: SimulatedHost) { self.host = host }

  func source(on root: Root) -> SimulatedWriters {
    SimulatedWriters(root, clock: host.time.clock, identify: { [host] in host.newProcess() })
  }
}

/// Time that passes only while a task sleeps.
final class SimulatedTime: Sendable {
  private let begun = ContinuousClock.now
  private let passed = Mutex<Duration>(.zero)

  var elapsed: Duration { passed.withLock { $0 } }

  var clock: Clock {
    Clock(
      now: { [self] in begun + elapsed }, seconds: { [self] in 1_800_000_000 + Int(elapsed.components.seconds) },
      sleep: { [self] milliseconds in passed.withLock { $0 += .milliseconds(milliseconds) } })
  }
}
