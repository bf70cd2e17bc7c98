import ArgumentParser
import Assessment
import PCI
import Pins
import Report
import System

/// At what hour of a boot `apply` runs. The checks and the writes are the same at each; what differs is what can be seen,
/// what it is run for, and where it is said.
struct BootMoment: ParsableArguments {
  enum Kind: Equatable {
    /// By hand.
    case now
    case early, boot, verify, noRoot
    case appeared(Address)
    case driven(Address)

    /// The field HOSTDEV_MOMENT of what goes to the journal.
    var word: String {
      switch self {
      case .now: "now"
      case .early: "early"
      case .boot: "boot"
      case .verify: "verify"
      case .noRoot: "no-root"
      case .appeared: "appeared"
      case .driven: "driven"
      }
    }
  }

  @Flag(
    help:
      "In an initramfs, before modules are loaded: not what the image says that the host stands on; says it in the kernel's log."
  )
  var early = false

  @Flag(help: "At boot, before guests are started: says it in the journal, and what could not be seen yet.")
  var boot = false

  @Flag(help: "Once the network is up: checks again what is in place, and brings into place what was not.")
  var verify = false

  @Flag(help: "In an initramfs, where the root device does not appear: give back all that pins took.")
  var noRoot = false

  @Option(
    help: ArgumentHelp("For udev: this function has just appeared; only the pin that means it.", valueName: "address"))
  var appeared: String?

  @Option(
    help: ArgumentHelp(
      "For udev: this function has just got its driver; only the virtual functions that a pin wants of it.",
      valueName: "address"))
  var driven: String?

  var kind: Kind {
    if early { return .early }
    if boot { return .boot }
    if verify { return .verify }
    if noRoot { return .noRoot }
    if let address = appeared.flatMap({ Address($0) }) { return .appeared(address) }
    if let address = driven.flatMap({ Address($0) }) { return .driven(address) }
    return .now
  }

  /// What an earlier run of this boot knew is enough; `--verify` is there to look again.
  var trustsRecords: Bool { kind == .now || kind == .boot }

  /// What is looked at has the driver that it gets from the host: not in an initramfs, and not when it just appeared.
  var hasDrivers: Bool {
    switch kind {
    case .now, .boot, .verify, .noRoot, .driven: true
    case .early, .appeared: false
    }
  }

  func validate() throws {
    if [early, boot, verify, noRoot, appeared != nil, driven != nil].filter({ $0 }).count > 1 {
      throw ValidationError("--early, --boot, --verify, --no-root, --appeared and --driven exclude each other")
    }
    for (name, text) in [("appeared", appeared), ("driven", driven)] {
      if let text, Address(text) == nil { throw ValidationError("--\(name) wants an address, not '\(text)'") }
    }
  }

  /// `hostdev=off` on the kernel's command line turns off what would happen by itself, and not what is asked for by hand.
  /// What was taken already is still given back.
  func isTurnedOff(_ root: Root) -> Bool {
    switch kind {
    case .now, .noRoot: false
    case .early, .boot, .verify, .appeared, .driven:
      ((try? root.read("/proc/cmdline")) ?? []).split { $0 == 0x20 || $0 == 0x0a }
        .contains { $0.elementsEqual("hostdev=off".utf8) }
    }
  }

  /// Standard output is the journal's, which has it in a better form already.
  var isSaidByJournal: Bool { kind != .now && Environment.value("JOURNAL_STREAM") != nil }
}

extension BootMoment.Kind {
  /// The one function that udev tells of.
  var subject: Address? {
    switch self {
    case .appeared(let address), .driven(let address): address
    case .now, .early, .boot, .verify, .noRoot: nil
    }
  }
}

extension PinFolder {
  /// Whether any pin has a function of this one's kind: udev asks for every function, and nearly all are nobody's.
  func mayMean(_ address: Address, _ root: Root) -> Bool {
    func id(_ name: String) -> UInt16? {
      guard let bytes = try? root.read("/sys/bus/pci/devices/\(address)/\(name)") else { return nil }
      return parseHex(String(decoding: bytes.filter { $0 != 0x0a }, as: UTF8.self), as: UInt16.self)
    }
    guard let vendor = id("vendor"), let device = id("device") else { return false }
    let listing = all()
    return !listing.isFolderUsable
      || listing.pins.contains { pin in pin.functions.contains { $0.vendorID == vendor && $0.deviceID == device } }
  }
}

extension AssessedSet {
  /// Errors that speak against a set that is in place. That a guest has it is what it is there for.
  var contested: [Finding] {
    blocking.filter { !["guest-running", "held-open", "interrupted"].contains($0.code) }
  }
}
