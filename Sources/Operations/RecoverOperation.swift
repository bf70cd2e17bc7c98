import Planning
import Host
import Sysfs
import System
import Transactions

/// What `recover` did, or would do.
public struct RecoverResult {
  /// Runs that were finished or undone, or could not be.
  public internal(set) var recovered: [Recovered] = []
  /// Of a dry run: what each interrupted run would take.
  public internal(set) var planned: [Planned] = []

  public struct Planned {
    public let journal: Journal
    public let steps: [Step]
    /// The process whose write may still happen: until it ends nothing is done.
    public let pendingIn: Int32?
  }

  /// Of the run that most needs looking at.
  public var worst: Diagnostic? {
    recovered.compactMap { Diagnostic($0) }.max { $0.status.rawValue < $1.status.rawValue }
  }

  public var status: ExitStatus { worst?.status ?? .done }
}

extension Change {
  /// Finishes or undoes runs that were interrupted.
  public func recover() throws(Diagnostic) -> RecoverResult {
    let journals = try open()
    if let doubt = workspace.namespaceDoubt {
      throw Diagnostic(
        .usage, "hostdev does not run in the host's own namespaces: \(doubt)",
        next: "nsenter --target 1 --all hostdev recover")
    }
    var result = RecoverResult()
    if invocation.isDryRun {
      result.planned = journals.map { planned($0) }
      return result
    }
    invocation.runtime.rememberSignals()
    let runner = runner()
    result.recovered = journals.map { runner.recover($0) }
    return result
  }

  /// The writes that recovery would make; none of a run that a write keeps pending.
  private func planned(_ journal: Journal) -> RecoverResult.Planned {
    if let writer = journal.busy(on: invocation.runtime) {
      return RecoverResult.Planned(journal: journal, steps: [], pendingIn: writer.pid)
    }
    workspace.detail(journal.set)
    let now = journal.prior.compactMap { place in
      workspace.host[place.function].map { function in
        var state = function.state
        for name in place.state.attributes.keys {
          let text = try? workspace.sysfs.text("/sys/bus/pci/devices/\(place.function)/\(name)")
          state.attributes[name] = text.map { .known($0) }
        }
        return Placement(place.function, state)
      }
    }
    return RecoverResult.Planned(
      journal: journal, steps: converge(from: now, to: journal.recoveryGoal(from: now)), pendingIn: nil)
  }
}

extension Diagnostic {
  /// Nil where the run was finished or undone.
  init?(_ result: Recovered) {
    let details = result.details.joined(separator: "; ")
    switch result.result {
    case .finished, .undone: return nil
    case .pending:
      self.init(
        .timeout, "cannot recover: a write has not returned", path: result.journal.pending.first?.path, state: details,
        next: "end the process that holds the device, then: hostdev recover")
    case .stranger:
      self.init(
        .partial, "cannot recover: another program changed a function meanwhile",
        path: "\(Records.folder)/journal/\(result.journal.id).json", state: "nothing was changed; " + details,
        next:
          "put the functions back as the record says, then: hostdev recover; or, if they are right as they are: rm \(Records.folder)/journal/\(result.journal.id).json"
      )
    case .held:
      self.init(
        .partial, "cannot recover: an unbind blocks while a process holds the device",
        state: "nothing was changed; " + details,
        next: "shut the guest down, or end the process, then: hostdev recover")
    case .partial:
      self.init(
        .partial, "cannot recover: the kernel refused", state: details,
        next: "see what the driver reports in dmesg, then: hostdev recover")
    }
  }
}
