import Host
import PCI

/// Something that was written to give devices to a guest driver, and that is read otherwise or not at all.
struct Slip: Equatable {
  enum Kind: Hashable {
    /// `vfio-pci-ids=`: no module has it.
    case notAParameter(String)
    /// Entries that say where a device is, not what it is.
    case addresses([Address])
    /// `10de:10f8` after a blank.
    case standsAlone
    /// `vfio-pci.ids`, without `=`.
    case withoutValue
    /// The kernel skips these entries.
    case skipped([String])
    /// Of an entry the kernel reads the beginning alone.
    case cutOff(read: String, unread: String)
    case tooLong
    /// A later `ids=` counts in its place.
    case replaced(by: String)
    /// The module is built in, and modprobe has no part in it.
    case builtIn
    /// Modprobe reads files `*.conf` alone.
    case fileName
    /// The line does not begin with a command of modprobe.d.
    case command(String)
    /// A list of modules takes names alone.
    case namesOnly
  }

  let kind: Kind
  /// The word or line, as it stands.
  let text: String
  let sources: [SourceLine]
  /// The ids that it names.
  let ids: [ClaimedID]
  /// The same as it has to be written; nil if there is nothing to correct.
  let meant: String?

  var fact: String {
    switch kind {
    case .notAParameter(let name): "No module has the parameter \(name)"
    case .addresses(let places):
      "ids= takes VENDOR:DEVICE, and \(places.map(\.description).joined(separator: ", ")) \(places.count == 1 ? "is an address" : "are addresses")"
    case .standsAlone: "\(text) stands alone. A blank ends the list before it"
    case .withoutValue: "\(text) has no list of ids"
    case .skipped(let entries):
      "The kernel skips \(entries.map { "'\($0)'" }.joined(separator: ", ")), which does not begin with VENDOR:DEVICE"
    case .cutOff(let read, let unread):
      "Of '\(read)\(unread)' the kernel reads \(read) alone; a comma separates entries"
    case .tooLong: "The list is longer than the 1023 characters that the kernel takes"
    case .replaced(let other): "The last ids= counts, which is that of \(other)"
    case .builtIn: "vfio-pci is built into this kernel, which takes its options from the kernel command line alone"
    case .fileName: "modprobe does not read this file, whose name does not end in .conf"
    case .command(let word): "'\(word)' is not a command of modprobe.d"
    case .namesOnly: "This list takes the names of modules alone, without options"
    }
  }

  var message: String {
    switch kind {
    case .cutOff: "\(fact)."
    case .replaced: "\(fact). This line has no effect."
    default: "\(fact): this gives no device to a guest driver."
    }
  }
}

extension Examination {
  /// What a slip was meant to give away.
  private func meant(by slip: Slip) -> [Address] {
    if case .addresses(let places) = slip.kind { return places.filter { host[$0] != nil } }
    return functions(slip.ids)
  }

  /// What slips would give away if they were corrected.
  var slipClaims: [Claim] { (kernelSlips + modprobeSlips).map(claim) }

  private func claim(of slip: Slip) -> Claim {
    Claim(
      .kernel, meant(by: slip), manner: .driver(VFIODriver.generic), sources: slip.sources, isInForce: false,
      withdrawal: "")
  }

  /// `withdrawal`: the commands that take the word or line out; what the host uses is not to be written right.
  func finding(of slip: Slip, _ code: FindingCode, withdrawal: String) -> Finding {
    let functions = meant(by: slip)
    let names = functions.map(\.description).joined(separator: " ")
    let isUsed = !losses(to: claim(of: slip)).isEmpty
    // Its ids would take others along.
    let isExact = functions.count >= self.functions(slip.ids).count
    let ways = [
      isExact ? slip.meant.map { "Write it so: \($0)" } : nil,
      functions.isEmpty
        ? nil : "\(isExact ? "or pin" : "Pin") what it means, which needs no ids: hostdev pin NAME \(names)",
    ]
    return Finding(
      code, .warning, on: functions,
      message: slip.message + (isUsed ? " The host uses what it means: take it out." : ""),
      evidence: slip.sources.map { Finding.Evidence($0) },
      remedy: isUsed || slip.meant == nil ? withdrawal : ways.compactMap { $0 }.joined(separator: "; "))
  }
}
