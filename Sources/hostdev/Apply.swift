import ArgumentParser
import Assessment
import Host
import PCI
import Pins
import Report
import System
import Transactions

/// `hostdev apply`: bring the host to what is declared.
struct Apply: ChangingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the host to what the pins say; what is in place is left alone.",
    discussion: """
      Each pin is checked as bind checks it and moved by itself: one that is refused or fails does not stop the others.
      Exit status: 0 all are in place; else the gravest of the pins': 3, 4 and 2 before all others.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Give back what a pin had brought to a guest's driver and no pin declares any longer.")
  var prune = false

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func validate() throws {
    if prune, !names.isEmpty { throw ValidationError("--prune looks at all pins, and takes no names") }
  }

  func run() throws {
    let run = try Change(common, change)
    let listing = try run.workspace.pins(names)
    if !change.dryRun { Interruption.remember() }
    var application = PinApplication(run, change)
    var runs = application.apply(listing.pins)
    for error in listing.errors { runs.append(PinRun(error.names.joined(separator: " "), Diagnostic(error))) }
    let pruned = prune && listing.isFolderUsable ? try application.prune(listing) : []
    say(runs, pruned)
    let worst = PinRun.worst((runs + pruned).map(\.status))
    if worst != 0 { throw ExitCode(worst) }
  }

  private func say(_ runs: [PinRun], _ pruned: [PinRun]) {
    let worst = PinRun.worst((runs + pruned).map(\.status))
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("pins")
          json.array { json in for run in runs { json.object { run.write(to: &$0) } } }
          json.key("pruned")
          json.array { json in for run in pruned { json.object { run.write(to: &$0) } } }
          (runs + pruned).first { $0.status == worst }?.diagnostic?.write(to: &json)
        })
    } else {
      for run in runs { Output.write(run.text(common.style, verb: "bound")) }
      for run in pruned { Output.write(run.text(common.style, verb: "released")) }
      if runs.isEmpty, pruned.isEmpty { Output.write("nothing is pinned\n") }
    }
    for run in runs + pruned {
      if let diagnostic = run.diagnostic { Output.progress("\(printable(run.name)): " + diagnostic.text.dropLast()) }
    }
  }
}
