import ArgumentParser
import Operations
import PCI
import System

/// At what moment of a boot `apply` runs.
struct BootMomentOptions: ParsableArguments {
  @Flag(
    help:
      "In an initramfs, before modules are loaded. Never takes what the host needs, as recorded in the image. Writes to the kernel log."
  )
  var early = false

  @Flag(help: "At boot, before guests start. Writes to the journal, with what cannot be seen yet.")
  var boot = false

  @Flag(help: "When the network is up. Checks again what is in place, and moves what is not.")
  var verify = false

  @Flag(help: "In an initramfs, if the root device does not appear: give back all that pins took.")
  var noRoot = false

  @Option(
    help: ArgumentHelp(
      "For udev: this function has just appeared. Only the pin of this function.", valueName: "address"))
  var appeared: String?

  @Option(
    help: ArgumentHelp(
      "For udev: this function has just got its driver. Only the VFs that a pin declares for it.",
      valueName: "address"))
  var driven: String?

  var moment: BootMoment {
    if early { return .early }
    if boot { return .boot }
    if verify { return .verify }
    if noRoot { return .noRoot }
    if let address = appeared.flatMap({ Address($0) }) { return .appeared(address) }
    if let address = driven.flatMap({ Address($0) }) { return .driven(address) }
    return .now
  }

  func validate() throws(ValidationError) {
    if [early, boot, verify, noRoot, appeared != nil, driven != nil].filter({ $0 }).count > 1 {
      throw ValidationError("--early, --boot, --verify, --no-root, --appeared and --driven exclude each other")
    }
    for (name, text) in [("appeared", appeared), ("driven", driven)] {
      if let text, Address(text) == nil { throw ValidationError("--\(name) needs an address, not '\(text)'") }
    }
  }

  /// Standard output is the journal's, which has it in a better form already.
  var isToldByJournal: Bool { moment != .now && Environment.value("JOURNAL_STREAM") != nil }
}
