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

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func validate() throws {
    if prune, !names.isEmpty { throw ValidationError("--prune looks at all pins, and takes no names") }
  }

  func run() throws {
    let entry = try Change.Entry(common, change)
    let listing = try PinFolder(entry.root).listing(names)
    if !change.dryRun { Interruption.remember() }
    var look = QuickLook(entry.root, Scanner(TreeSysfs(entry.root, isWritable: false)))
    var (runs, verification) = try settled(listing, entry, &look)
    let left = listing.pins.filter { pin in !runs.contains { $0.name == pin.name } }
    var pruned: [PinRun] = []
    if try !left.isEmpty || hasToPrune(runs, listing, entry) {
      var application = PinApplication(try Change(common, change, entry), change)
      runs += application.apply(left, settled: owners(runs))
      verification.functions += application.verification.functions
      verification.time += application.verification.time
      for pin in left { note(pin, runs, listing, &look) }
      if prune { pruned = try application.prune(listing) }
    }
    if names.isEmpty, listing.isFolderUsable { look.keep(only: listing.names) }
    if !change.dryRun { save(look) }
    runs.sort { $0.name < $1.name }
    for error in listing.errors {
      let costs = error.names.filter { names.isEmpty || names.contains($0) }
      runs += (costs.isEmpty ? [PinFolder.path] : costs).map { PinRun($0, Diagnostic(error)) }
    }
    say(runs, pruned, verification)
    let worst = PinRun.worst((runs + pruned).map(\.status))
    if worst != 0 { throw ExitCode(worst) }
  }

  /// Pins that are in place, as a few reads of each tell. None while a run is interrupted: that may concern any of them.
  private func settled(_ listing: PinListing, _ entry: Change.Entry, _ look: inout QuickLook) throws
    -> ([PinRun], Verification)
  {
    var verification = Verification()
    do { if try !entry.ledger.openJournals().isEmpty { return ([], verification) } } catch {
      throw Diagnostic(error, doing: "read the journal")
    }
    let begun = ContinuousClock.now
    var runs: [PinRun] = []
    for pin in listing.pins {
      guard let found = look.settled(pin, fingerprint: listing.fingerprints[pin.name] ?? 0) else { continue }
      var run = PinRun(pin.name, .inPlace)
      run.resolution = found
      run.functions = found.functions
      runs.append(run)
    }
    if look.serialsRead > 0 {
      verification.functions = look.serialsRead
      verification.time = begun.duration(to: .now)
    }
    return (runs, verification)
  }

  private func owners(_ runs: [PinRun]) -> [Address: String] {
    Dictionary(runs.flatMap { run in run.functions.map { ($0, run.name) } }, uniquingKeysWith: { first, _ in first })
  }

  /// A pin had brought something to its driver that is none of these pins' functions.
  private func hasToPrune(_ runs: [PinRun], _ listing: PinListing, _ entry: Change.Entry) throws -> Bool {
    guard prune, listing.isFolderUsable else { return false }
    let owners = owners(runs)
    do { return try entry.ledger.held().contains { $0.pin != nil && owners[$0.function] == nil } } catch {
      throw Diagnostic(error, doing: "read what is held")
    }
  }

  /// What the next run of this boot need not look at so closely.
  private func note(_ pin: Pin, _ runs: [PinRun], _ listing: PinListing, _ look: inout QuickLook) {
    guard let run = runs.first(where: { $0.name == pin.name }), run.result == .inPlace || run.result == .done,
      let resolution = run.resolution, resolution.standing < .unverified
    else { return look.forget(pin.name) }
    look.remember(pin, fingerprint: listing.fingerprints[pin.name] ?? 0, as: resolution)
  }

  /// The record only spares time: that it could not be written is told, and changes nothing else.
  private func save(_ look: QuickLook) {
    do { try look.save() } catch {
      Output.progress("hostdev: \(error.path): \(error.errno): the next run verifies serial numbers again")
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
          "serial numbers of \(verification.functions) functions verified, for this boot, in \(verification.milliseconds) ms\n"
        )
      }
      if runs.isEmpty, pruned.isEmpty { Output.write("nothing is pinned\n") }
    }
    for run in runs + pruned {
      if let diagnostic = run.diagnostic { Output.progress("\(printable(run.name)): " + diagnostic.text.dropLast()) }
    }
  }
}
