import ArgumentParser
import Assessment
import Host
import Inventory
import PCI
import Pins
import Report
import Sysfs
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

  @OptionGroup(title: "Hours of a boot") var moment: BootMoment

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func validate() throws {
    if prune, !names.isEmpty { throw ValidationError("--prune looks at all pins, and takes no names") }
    if moment.noRoot, prune || !names.isEmpty {
      throw ValidationError("--no-root gives back everything, and takes no names")
    }
  }

  func run() throws {
    let root = try Workspace.open(common)
    if moment.isTurnedOff(root) {
      if moment.kind == .early || moment.kind == .boot {
        BootReport(moment: moment.kind).say("hostdev=off on the kernel's command line: pins are left alone", .notice)
      }
      return
    }
    if case .appeared(let address) = moment.kind, !PinFolder(root).mayMean(address, root) { return }
    let entry = try Change.Entry(common, change)
    // Where the root device does not appear, all that any pin took is no longer declared.
    var listing = moment.noRoot ? PinListing() : try PinFolder(entry.root).listing(names)
    // Their physical function has no driver yet; systemd's turn is theirs.
    if !moment.hasDrivers { listing.pins.removeAll { $0.virtuals != nil } }
    if !change.dryRun { Interruption.remember() }
    var settled = SettledPins(listing, entry)
    if moment.trustsRecords { try settled.find() }
    var runs = settled.runs
    var pruned: [PinRun] = []
    var verification = settled.verification
    var workspace: Workspace?
    let isPruning = moment.noRoot || prune && listing.isFolderUsable
    if try !settled.others.isEmpty || isPruning && settled.leavesSomethingToPrune() {
      let run = try Change(common, change, entry)
      run.workspace.isEarly = moment.early
      workspace = run.workspace
      var application = PinApplication(run, change, moment.kind)
      runs += application.apply(settled.others, settled: settled.owners)
      verification.functions += application.verification.functions
      verification.time += application.verification.time
      for pin in settled.others { settled.note(pin, runs.first { $0.name == pin.name }) }
      if isPruning { pruned = try application.prune(listing) }
    }
    if names.isEmpty, listing.isFolderUsable { settled.forgetAllButListed() }
    if !change.dryRun { settled.save() }
    runs.sort { $0.name < $1.name }
    if case .appeared = moment.kind {
    } else {
      for error in listing.errors {
        let costs = error.names.filter { names.isEmpty || names.contains($0) }
        runs += (costs.isEmpty ? [PinFolder.path] : costs).map { PinRun($0, Diagnostic(error)) }
      }
    }
    report(runs, pruned, workspace, isHost: entry.root.isHost)
    if !moment.isSaidByJournal { say(runs, pruned, verification) }
    let worst = PinRun.worst((runs + pruned).map(\.status))
    if worst != 0 { throw ExitCode(worst) }
  }

  /// To the journal, where nobody sits at a terminal. Without a workspace all was in place, and nothing had to be checked.
  private func report(_ runs: [PinRun], _ pruned: [PinRun], _ workspace: Workspace?, isHost: Bool) {
    guard moment.kind != .now, isHost, !change.dryRun else { return }
    let report = BootReport(moment: moment.kind)
    report.say(runs)
    report.say(pruned)
    if moment.noRoot {
      report.say("the root device did not appear; \(pruned.count) pins were given back to the host", .error)
    }
    guard let workspace, !runs.isEmpty else { return }
    if moment.early, !workspace.hasFooting {
      report.say("the image does not say what the host stood on when it was made", .warning)
    }
    if moment.boot {
      for line in workspace.notYetSeen {
        report.say(
          "not seen yet: \(line); what is configured was looked at instead, and hostdev-verify.service looks again")
      }
    }
  }

  private func say(_ runs: [PinRun], _ pruned: [PinRun], _ verification: Verification) {
    let worst = PinRun.worst((runs + pruned).map(\.status))
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("pins")
          json.array { json in for run in runs { json.object { run.write(to: &$0) } } }
          json.key("pruned")
          json.array { json in for run in pruned { json.object { run.write(to: &$0) } } }
          json.key("verified")
          json.object { json in
            json.key("functions")
            json.value(verification.functions)
            json.key("ms")
            json.value(verification.milliseconds)
          }
          (runs + pruned).first { $0.status == worst }?.diagnostic?.write(to: &json)
        })
    } else {
      for run in runs { Output.write(run.text(common.style, verb: "bound")) }
      for run in pruned { Output.write(run.text(common.style, verb: "released")) }
      if verification.functions > 0 {
        Output.write(
          "\(change.dryRun ? "# " : "")serial numbers of \(verification.functions) functions verified, for this boot, in \(verification.milliseconds) ms\n"
        )
      }
      if runs.isEmpty, pruned.isEmpty { Output.write("\(change.dryRun ? "# " : "")nothing is pinned\n") }
    }
    for run in runs + pruned {
      if let diagnostic = run.diagnostic { Output.progress("\(printable(run.name)): " + diagnostic.text.dropLast()) }
    }
  }
}
