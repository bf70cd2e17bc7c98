import ArgumentParser
import PCI
import Report
import Transactions

/// `hostdev recover`: finish or undo what was interrupted.
struct Recover: ParsableCommand {
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
    if change.dryRun {
      for journal in journals {
        Output.write(
          "# \(printable(journal.command.joined(separator: " "))): \(journal.kind == .release ? "would be finished" : "would be undone")\n"
        )
      }
      return
    }
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

  private static func words(_ result: Recovered.Result) -> String {
    switch result {
    case .finished: "finished"
    case .undone: "undone"
    case .pending: "still pending"
    case .stranger: "left alone: somebody else was here"
    case .partial: "not all could be brought back"
    }
  }

  private static func diagnostic(_ result: Recovered) -> Diagnostic? {
    let details = result.details.joined(separator: "; ")
    switch result.result {
    case .finished, .undone: return nil
    case .pending:
      return Diagnostic(
        .timeout, "recover: a write has not returned", path: result.journal.pending?.path, state: details,
        next: "end what holds the device, then: hostdev recover")
    case .stranger:
      return Diagnostic(
        .partial, "recover: somebody else changed it meanwhile",
        path: "\(Ledger.folder)/journal/\(result.journal.id).json", state: "nothing was changed; " + details,
        next: "put it where the record says, or if what is there now is right, remove the journal named above")
    case .partial:
      return Diagnostic(
        .partial, "recover: the kernel refused", state: details,
        next: "see dmesg for the driver's own words; hostdev recover goes on")
    }
  }
}
