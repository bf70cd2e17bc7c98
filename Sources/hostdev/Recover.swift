import ArgumentParser
import Assignment
import Host
import PCI
import Report
import Sysfs
import System
import Transactions

/// `hostdev recover`: finish or undo what was interrupted.
struct Recover: ChangingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finish or undo an interrupted run.",
    discussion: """
      A bind is undone and a release finished, so that the host ends up with what is its own. Where somebody else has moved
      a function meanwhile nothing is changed, and both are said.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  func run() throws {
    let run = try Change(common, change)
    let journals = try run.open()
    if let doubt = run.workspace.namespaceDoubt, !change.forced.contains("unknown-namespace") {
      throw Diagnostic(
        .usage, "this is not the host's own namespace: \(doubt)",
        next: "nsenter --target 1 --all hostdev recover, or on your own account: --force=unknown-namespace")
    }
    if change.dryRun { return dryRun(journals, run) }
    Interruption.remember()
    let runner = run.runner()
    let results = journals.map { runner.recover($0) }
    let worst = results.compactMap(Self.diagnostic).max { $0.status.rawValue < $1.status.rawValue }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("recovered")
          json.array { json in
            for result in results {
              json.object { json in
                json.key("functions")
                json.values(result.journal.set.map(\.description))
                json.key("command")
                json.values(result.journal.command)
                json.key("result")
                json.value(result.result.rawValue)
                json.key("details")
                json.values(result.details)
              }
            }
          }
          worst?.write(to: &json)
        })
    } else {
      if results.isEmpty { Output.write("nothing was interrupted\n") }
      for result in results {
        Output.write("\(printable(result.journal.command.joined(separator: " "))): \(Self.words(result.result))\n")
        for placement in result.states { Output.write("    \(placement.function): \(placement.state)\n") }
        for detail in result.details { Output.write("    \(printable(detail))\n") }
      }
    }
    guard let worst else { return }
    Output.progress(String(worst.text.dropLast()))
    throw ExitCode(worst.status.rawValue)
  }

  /// The writes that recovery would make, of runs that nothing keeps pending.
  private func dryRun(_ journals: [Journal], _ run: Change) {
    let plans = journals.map { journal -> (Journal, [Step]) in
      if journal.busy != nil { return (journal, []) }
      run.workspace.detail(journal.set)
      let now = journal.prior.compactMap { place in
        run.workspace.host[place.function].map { function in
          var state = function.state
          for name in place.state.attributes.keys {
            state.attributes[name] = try? run.workspace.sysfs.text("/sys/bus/pci/devices/\(place.function)/\(name)")
          }
          return Placement(place.function, state)
        }
      }
      return (journal, converge(from: now, to: journal.recoveryGoal(from: now)))
    }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("recovered")
          json.array { json in
            for (journal, steps) in plans {
              json.object { json in
                json.key("functions")
                json.values(journal.set.map(\.description))
                json.key("command")
                json.values(journal.command)
                json.key("plan")
                write(steps, to: &json)
              }
            }
          }
        })
      return
    }
    for (journal, steps) in plans {
      let pending = journal.busy.map { " (pending in process \($0.pid))" } ?? ""
      Output.write("# \(printable(journal.command.joined(separator: " ")))\(pending)\n")
      for line in Step.shellLines(steps) { Output.write(line + "\n") }
    }
  }

  private static func words(_ result: Recovered.Result) -> String {
    switch result {
    case .finished: "finished"
    case .undone: "undone"
    case .pending: "still pending"
    case .held: "left alone: somebody holds it"
    case .stranger: "left alone: somebody else was here"
    case .partial: "not all could be brought back"
    }
  }

  static func diagnostic(_ result: Recovered) -> Diagnostic? {
    let details = result.details.joined(separator: "; ")
    switch result.result {
    case .finished, .undone: return nil
    case .pending:
      return Diagnostic(
        .timeout, "recover: a write has not returned", path: result.journal.pending.first?.path, state: details,
        next: "end what holds the device, then: hostdev recover")
    case .stranger:
      return Diagnostic(
        .partial, "recover: somebody else changed it meanwhile",
        path: "\(Ledger.folder)/journal/\(result.journal.id).json", state: "nothing was changed; " + details,
        next: "put it where the record says, or if what is there now is right, remove the journal named above")
    case .held:
      return Diagnostic(
        .partial, "recover: an unbind would wait for who holds the device", state: "nothing was changed; " + details,
        next: "shut the guest down or end the process, then: hostdev recover")
    case .partial:
      return Diagnostic(
        .partial, "recover: the kernel refused", state: details,
        next: "see dmesg for the driver's own words; hostdev recover goes on")
    }
  }
}
