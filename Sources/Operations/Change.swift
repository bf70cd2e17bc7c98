import Checks
import Planning
import Host
import PCI
import System
import Transactions

/// The right to change something: the root may be written, and the one host-wide lock is held unless this is a dry run.
/// Only then the host is looked at, so that what is checked is what is moved.
public struct Change {
  public private(set) var workspace: Workspace
  let invocation: Invocation
  let records: Records
  /// How long a function that has only just appeared may take until the kernel has added it.
  var patience = Duration.zero
  private let lock: (any FileLock)?
  /// Writes of all runs of this program.
  private let writes = Runner.WriteCount()

  /// What is needed before the host is looked at.
  struct Entry {
    let root: Root
    let records: Records
    fileprivate let lock: (any FileLock)?

    init(_ invocation: Invocation) throws(Diagnostic) {
      root = try Workspace.open(invocation)
      records = Records(root, invocation.runtime)
      lock = invocation.isDryRun ? nil : try Change.lock(root, records, for: invocation)
    }
  }

  public init(_ invocation: Invocation) throws(Diagnostic) {
    try self.init(invocation, Entry(invocation))
  }

  init(_ invocation: Invocation, _ entry: Entry, isEarly: Bool = false) throws(Diagnostic) {
    self.invocation = invocation
    records = entry.records
    lock = entry.lock
    workspace = try Workspace(invocation, entry.root, isEarly: isEarly)
    // A journal that cannot be read may concern any function.
    _ = try records.readJournals()
  }

  fileprivate static func lock(_ root: Root, _ records: Records, for invocation: Invocation) throws(Diagnostic)
    -> any FileLock
  {
    // The journal names processes, so that a later run knows which of them still live.
    if invocation.runtime.ownProcess == nil {
      throw Diagnostic(
        .missing, "cannot change anything without /proc: hostdev could not tell which processes run",
        path: "/proc/self/stat", next: "mount -t proc proc /proc")
    }
    if root.isHost {
      if !invocation.isRoot {
        throw Diagnostic(
          .notRoot, "cannot change drivers of this host", next: "run it as root: sudo \(invocation.typed)")
      }
    } else if root.hasRealSysfs {
      throw Diagnostic(
        .usage, "\(invocation.root)/sys is the sysfs of a running kernel; --root does not change it",
        path: invocation.root,
        next: "to change this host, omit --root; to rehearse, take a capture: hostdev snapshot DIR")
    } else {
      do { try root.mayWrite("/") } catch {
        throw Diagnostic(
          .rolledBack, "cannot rehearse on \(invocation.root), which is not writable", path: invocation.root,
          errno: error.errno.name,
          next: "cp -a \(invocation.root) /tmp/rehearsal && hostdev … --root /tmp/rehearsal")
      }
    }
    do {
      return try records.lock(
        wait: .milliseconds(Int64(invocation.wait * 1000)), label: invocation.command.dropFirst().joined(separator: " ")
      )
    } catch {
      throw Diagnostic(error, doing: "cannot take the lock")
    }
  }

  /// After a run the host is another one.
  mutating func lookAgain() throws(Diagnostic) {
    workspace = try Workspace(invocation, workspace.root, isEarly: workspace.isEarly)
  }

  func runner() -> Runner {
    let workspace = workspace
    let holders = { (address: Address) -> String? in
      let uses = workspace.evidence.gather([address], in: workspace.host).uses
        .filter { $0.kind == .vfioOpen || $0.kind == .open }
      return uses.isEmpty ? nil : uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")
    }
    var hooks = invocation.hooks
    let report = invocation.report
    hooks.whileWaiting = { step, elapsed, limit in
      report(.waiting(step, elapsed: elapsed, limit: limit, holders: step.function.flatMap(holders)))
    }
    var runner = Runner(
      records: records, writers: writers(), runtime: invocation.runtime,
      timeouts: Timeouts(seconds: invocation.timeout), holders: holders, hooks: hooks, writes: writes)
    runner.patience = patience
    return runner
  }

  private func writers() -> any WriterSource {
    switch invocation.isolation {
    case .processes(let program):
      WriterProgram.started(by: program, on: workspace.root, clock: invocation.runtime.clock)
    case .none(let writers): writers(workspace.root)
    }
  }
}
