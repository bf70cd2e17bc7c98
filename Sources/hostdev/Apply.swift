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
    if let subject = moment.kind.subject, !PinFolder(root).mayMean(subject, root) { return }
    let entry = try Change.Entry(common, change)
    // Where the root device does not appear, all that any pin took is no longer declared.
    let folder = PinFolder(entry.root)
    var listing = moment.noRoot ? PinListing() : try folder.listing(names)
    // Without a driver of its physical function there is none of them yet.
    if !moment.hasDrivers { listing.pins.removeAll { $0.virtuals != nil } }
    if case .driven = moment.kind { listing.pins.removeAll { $0.virtuals == nil } }
    if !change.dryRun { Interruption.remember() }
    var settled = SettledPins(listing, entry)
    if moment.trustsRecords { try settled.find() }
    var runs = settled.runs
    var pruned: [PinRun] = []
    var verification = settled.verification
    var workspace: Workspace?
    let isPruning = moment.noRoot || prune && listing.isFolderUsable
    if try !settled.others.isEmpty || isPruning && settled.leavesSomethingToPrune(alsoInterrupted: moment.noRoot) {
      let run = try Change(common, change, entry, isEarly: moment.early)
      workspace = run.workspace
      var application = PinApplication(run, change, moment.kind)
      // A function that two pins have come to mean is in doubt, whichever of them was named.
      let unnamed = names.isEmpty ? [] : folder.all().pins.filter { !names.contains($0.name) }
      runs += application.apply(settled.others, beside: unnamed, settled: settled.owners)
      verification.functions += application.verification.functions
      verification.time += application.verification.time
      for pin in settled.others { if let run = runs.first(where: { $0.name == pin.name }) { settled.note(pin, run) } }
      if moment.noRoot { pruned = try application.giveUpInterrupted() }
      if isPruning { pruned += try application.prune(listing) }
    }
    if names.isEmpty, listing.isFolderUsable { settled.forgetAllButListed() }
    if !change.dryRun { settled.save() }
    runs.sort { $0.name < $1.name }
    if moment.kind.subject == nil {
      for error in listing.errors {
        let costs = error.names.filter { names.isEmpty || names.contains($0) }
        runs += (costs.isEmpty ? [PinFolder.path] : costs).map { PinRun($0, Diagnostic(error)) }
      }
    }
    report(runs, pruned, workspace, isHost: entry.root.isHost)
    if !moment.isSaidByJournal { say(runs, pruned, verification) }
    // At boot a card that is not there may come later, and udev tells of it then; who waits for one pin wants that one.
    let isExcused = moment.kind != .now && names.isEmpty
    let worst = PinRun.worst((runs + pruned).filter { !isExcused || $0.result != .absent }.map(\.status))
    if worst != 0 { throw ExitCode(worst) }
  }

  /// To the journal, where nobody sits at a terminal. Without a workspace all was in place, and nothing had to be checked.
  private func report(_ runs: [PinRun], _ pruned: [PinRun], _ workspace: Workspace?, isHost: Bool) {
    guard moment.kind != .now, isHost, !change.dryRun else { return }
    let report = BootReport(moment: moment.kind)
    report.say(runs)
    report.say(pruned)
    if moment.noRoot { report.say(Self.words(givenBack: pruned), .error) }
    guard let workspace, !runs.isEmpty else { return }
    if moment.boot {
      for line in workspace.notYetSeen {
        report.say(
          "not seen yet: \(line); what is configured was looked at instead, and hostdev-verify.service looks again")
      }
    }
  }

  /// What became of all that pins had taken.
  private static func words(givenBack pruned: [PinRun]) -> String {
    func those(_ runs: [PinRun]) -> String { runs.map(\.name).joined(separator: " ") }
    let back = pruned.filter { $0.result == .done }
    let left = pruned.filter { $0.result != .done && $0.result != .inPlace }
    var words = "the boot needs a device that is not there; "
    words += back.isEmpty ? "no pin had anything to give back" : "pins were given back to the host: \(those(back))"
    if !left.isEmpty { words += "; not given back: \(those(left))" }
    return words
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
      for run in runs + pruned {
        let text = run.text(common.style)
        // What is printed is for sh.
        let isPlan = !change.dryRun || run.result == .planned
        Output.write(isPlan ? text : text.split(separator: "\n").map { "# \($0)\n" }.joined())
      }
      if verification.functions > 0 {
        let count = verification.functions == 1 ? "1 serial number" : "\(verification.functions) serial numbers"
        Output.write(
          "\(change.dryRun ? "# " : "")\(count) looked at, for this boot, in \(verification.milliseconds) ms\n")
      }
      if runs.isEmpty, pruned.isEmpty { Output.write("\(change.dryRun ? "# " : "")nothing is pinned\n") }
    }
    for run in runs + pruned {
      if let diagnostic = run.diagnostic { Output.progress("\(printable(run.name)): " + diagnostic.text.dropLast()) }
    }
  }
}
