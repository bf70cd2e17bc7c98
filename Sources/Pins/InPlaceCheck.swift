import Host
import Inventory
import PCI
import System

/// Finds the pins that are in place by a few reads of each function, without a scan of the host.
///
/// What it does not find in place is not known to be out of place: that takes the whole host.
public struct InPlaceCheck {
  private let scanner: Scanner
  private let root: Root
  public private(set) var verified: VerifiedPins
  /// What was learnt that the record does not have yet.
  private var isChanged = false
  /// Serial numbers that were read, since no record says that they were this boot.
  public private(set) var serialsRead = 0

  public init(_ root: Root, _ scanner: Scanner) {
    self.root = root
    self.scanner = scanner
    verified = VerifiedPins(root)
  }

  /// Where the pin's functions are, if all of them are in place and proven; nil where that takes a closer look.
  public mutating func settled(_ pin: Pin, fingerprint: UInt64) -> Resolution? {
    // Where its virtual functions are, and what the card keeps of them, takes a scan.
    guard pin.virtuals == nil else { return nil }
    if let entry = verified[pin.name], entry.fingerprint == fingerprint, entry.functions.count == pin.functions.count {
      let isSame = zip(pin.functions, entry.functions).allSatisfy { pinned, known in
        guard let summary = scanner.summary(at: known.address) else { return false }
        return summary.number == known.number && summary.function.driver.value == known.driver
          && pinned.isOfSameKind(as: summary.function)
      }
      return isSame ? Resolution(entry.status, entry.functions.map(\.address)) : nil
    }
    // Which driver `auto` means takes the kernel's module tables, a number in vital product data a slow read.
    guard pin.driver != "auto" else { return nil }
    var summaries: [FunctionSummary] = []
    for pinned in pin.functions {
      guard pinned.vpdSerialNumber == nil, let summary = scanner.summary(at: pinned.address), !summary.isVirtual,
        let path = pinned.path, summary.function.topologyPath.value == path, pinned.isOfSameKind(as: summary.function),
        summary.function.driver.value == pin.driver
      else { return nil }
      if let serial = pinned.serialNumber {
        serialsRead += 1
        // The number at the pinned place: whether another card has it as well makes no difference then.
        guard summary.serialNumber().value == serial else { return nil }
      }
      summaries.append(summary)
    }
    remember(pin.name, fingerprint: fingerprint, status: .inPlace, summaries: summaries)
    return Resolution(.inPlace, pin.functions.map(\.address))
  }

  /// Takes note of a pin that a closer look found in place, or brought there.
  public mutating func remember(_ pin: Pin, fingerprint: UInt64, as resolution: Resolution) {
    let summaries = resolution.functions.compactMap { scanner.summary(at: $0) }
    guard pin.virtuals == nil, summaries.count == pin.functions.count else { return forget(pin.name) }
    remember(pin.name, fingerprint: fingerprint, status: resolution.status, summaries: summaries)
  }

  public mutating func forget(_ name: String) {
    if verified[name] != nil { isChanged = true }
    verified[name] = nil
  }

  /// Forgets the pins that no longer exist.
  public mutating func keep(only names: [String]) {
    for name in verified.entries.keys where !names.contains(name) { forget(name) }
  }

  private mutating func remember(
    _ name: String, fingerprint: UInt64, status: Resolution.Status, summaries: [FunctionSummary]
  ) {
    let functions = summaries.compactMap { summary in
      summary.number.map {
        VerifiedPins.Known(address: summary.function.address, number: $0, driver: summary.function.driver.value ?? "")
      }
    }
    guard functions.count == summaries.count else { return }
    let entry = VerifiedPins.Entry(fingerprint: fingerprint, status: status, functions: functions)
    if verified[name] != entry { isChanged = true }
    verified[name] = entry
  }

  /// Writes down what was learnt.
  public func save() throws(SystemError) { if isChanged { try verified.save(root) } }
}

extension PinnedFunction {
  /// Vendor, device and subsystem ids are the pinned ones, as far as those were known.
  func isOfSameKind(as function: Function) -> Bool {
    func fits(_ wanted: UInt16?, _ found: Fact<UInt16>) -> Bool { wanted == nil || wanted == found.value }
    return function.vendorID.value == vendorID && function.deviceID.value == deviceID
      && fits(subsystemVendorID, function.subsystemVendorID) && fits(subsystemDeviceID, function.subsystemDeviceID)
  }
}
