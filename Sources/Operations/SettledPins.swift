import Inventory
import PCI
import Pins
import Sysfs
import System
import Transactions

/// Pins that are in place, as a few reads of each tell, and what the next run of this boot need not look at so closely.
struct SettledPins {
  private let listing: PinListing
  private let records: Records
  private let invocation: Invocation
  private var look: InPlaceCheck
  private(set) var runs: [PinRun] = []
  private(set) var verification = Verification()

  init(_ listing: PinListing, _ entry: Change.Entry, for invocation: Invocation) {
    self.invocation = invocation
    self.listing = listing
    records = entry.records
    look = InPlaceCheck(entry.root, Scanner(TreeSysfs(entry.root, isWritable: false)))
  }

  /// Looks for them. None while a run is interrupted: that may concern any of them.
  mutating func find() throws(Diagnostic) {
    if try !records.readJournals().isEmpty { return }
    let begun = invocation.runtime.clock.now
    for pin in listing.pins {
      guard let found = look.settled(pin, fingerprint: fingerprint(pin)) else { continue }
      var run = PinRun(pin.name, .inPlace)
      run.resolution = found
      run.functions = found.functions
      runs.append(run)
    }
    if look.serialsRead > 0 {
      verification.functions = look.serialsRead
      verification.time = begun.duration(to: invocation.runtime.clock.now)
    }
  }

  /// Those that want the whole look.
  var others: [Pin] { listing.pins.filter { pin in !runs.contains { $0.name == pin.name } } }

  /// Whose each function is.
  var owners: [Address: String] {
    Dictionary(runs.flatMap { run in run.functions.map { ($0, run.name) } }, uniquingKeysWith: { first, _ in first })
  }

  /// A pin had brought something to its driver that is none of these pins' functions, or was about to when it was stopped.
  func leavesSomethingToPrune(alsoInterrupted: Bool) throws(Diagnostic) -> Bool {
    guard listing.isFolderUsable else { return false }
    let owners = owners
    if alsoInterrupted, try !records.readJournals().isEmpty { return true }
    return try records.readHeld().contains { $0.pin != nil && owners[$0.function] == nil }
  }

  /// Remembers the result for a pin that was fully checked.
  mutating func note(_ pin: Pin, _ run: PinRun) {
    guard run.result == .inPlace || run.result == .done, let resolution = run.resolution,
      resolution.status < .unverified
    else { return look.forget(pin.name) }
    look.remember(pin, fingerprint: fingerprint(pin), as: resolution)
  }

  mutating func forgetAllButListed() { look.keep(only: listing.names) }

  /// The record only spares time: that it could not be written is told, and changes nothing else.
  func save() {
    do { try look.save() } catch {
      invocation.report(
        .note("hostdev: cannot write \(error.path): \(error.errno); the next run verifies the serial numbers again"))
    }
  }

  private func fingerprint(_ pin: Pin) -> UInt64 { listing.fingerprints[pin.name] ?? 0 }
}
