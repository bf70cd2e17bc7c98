import Host
import Inventory
import PCI
import System

/// Finds the pins that are in place by a few reads of each function, without a scan of the host.
///
/// What it does not find in place is not known to be out of place: that takes the whole host.
public struct QuickLook {
  private let scanner: Scanner
  private let root: Root
  public private(set) var verified: Verified
  /// What was learnt that the record does not have yet.
  private var isChanged = false
  /// Serial numbers that were read, since no record says that they were this boot.
  public private(set) var serialsRead = 0

  public init(_ root: Root, _ scanner: Scanner) {
    self.root = root
    self.scanner = scanner
    verified = Verified(root)
  }

  /// Where the pin's functions are, if all of them are in place and proven; nil where that takes a closer look.
  public mutating func settled(_ pin: Pin, fingerprint: UInt64) -> Resolution? {
    // Where its virtual functions are, and what the card keeps of them, takes more than a glance.
    guard pin.virtuals == nil else { return nil }
    if let entry = verified[pin.name], entry.fingerprint == fingerprint, entry.functions.count == pin.functions.count {
      let isSame = zip(pin.functions, entry.functions).allSatisfy { pinned, known in
        guard let glance = scanner.glance(at: known.address) else { return false }
        return glance.number == known.number && glance.function.driver.value == known.driver
          && pinned.isOfSameKind(as: glance.function)
      }
      return isSame ? Resolution(entry.standing, entry.functions.map(\.address)) : nil
    }
    // Which driver `auto` means takes the kernel's module tables, a number in vital product data a slow read.
    guard pin.driver != "auto" else { return nil }
    var glances: [Glance] = []
    for pinned in pin.functions {
      guard pinned.vpdSerialNumber == nil, let glance = scanner.glance(at: pinned.address), !glance.isVirtual,
        let path = pinned.path, glance.function.topologyPath.value == path, pinned.isOfSameKind(as: glance.function),
        glance.function.driver.value == pin.driver
      else { return nil }
      if let serial = pinned.serialNumber {
        serialsRead += 1
        // The number at the pinned place: whether another card has it as well makes no difference then.
        guard glance.serialNumber().value == serial else { return nil }
      }
      glances.append(glance)
    }
    remember(pin.name, fingerprint, .inPlace, glances)
    return Resolution(.inPlace, pin.functions.map(\.address))
  }

  /// Takes note of a pin that a closer look found in place, or brought there.
  public mutating func remember(_ pin: Pin, fingerprint: UInt64, as resolution: Resolution) {
    let glances = resolution.functions.compactMap { scanner.glance(at: $0) }
    guard pin.virtuals == nil, glances.count == pin.functions.count else { return forget(pin.name) }
    remember(pin.name, fingerprint, resolution.standing, glances)
  }

  public mutating func forget(_ name: String) {
    if verified[name] != nil { isChanged = true }
    verified[name] = nil
  }

  /// What is said of pins that there are no more goes.
  public mutating func keep(only names: [String]) {
    for name in verified.entries.keys where !names.contains(name) { forget(name) }
  }

  private mutating func remember(
    _ name: String, _ fingerprint: UInt64, _ standing: Resolution.Standing, _ glances: [Glance]
  ) {
    let functions = glances.compactMap { glance in
      glance.number.map {
        Verified.Known(address: glance.function.address, number: $0, driver: glance.function.driver.value ?? "")
      }
    }
    guard functions.count == glances.count else { return }
    let entry = Verified.Entry(fingerprint: fingerprint, standing: standing, functions: functions)
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
