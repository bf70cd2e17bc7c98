import PCI

/// The host's functions that the PCI `<hostdev>` elements of a file give away, each once, in the file's order.
///
/// The file is a domain, or a piece of one: a `<devices>`, one `<hostdev>`, or several in a row. That is not an
/// XML document, but people keep it for `virsh attach-device`. `<interface type='hostdev'>` counts, as it is one to
/// libvirt.
///
/// - Parameter name: the file's, for errors.
public func readHostdevs(_ bytes: [UInt8], name: String) throws(XMLError) -> [Address] {
  var seen: Set<Address> = []
  return try readGivenFunctions(bytes, name: name).map(\.function).filter { seen.insert($0).inserted }
}

/// A function that a domain is given, and what libvirt must do with it.
public struct GivenFunction: Sendable, Equatable {
  public let function: Address
  /// `managed='yes'`: libvirt detaches it from the host as the domain starts, and gives it back as it stops.
  public let isManaged: Bool
  /// Of the `<hostdev>` or `<interface>`, from 1.
  public let line: Int
}

/// Every PCI `<hostdev>` of a file, as `readHostdevs` finds them, with what else it says of them.
public func readGivenFunctions(_ bytes: [UInt8], name: String) throws(XMLError) -> [GivenFunction] {
  // A domain is some kilobytes.
  if bytes.count > 10_000_000 { throw XMLError(file: name, line: 1, column: 1, reason: "longer than 10 MB") }
  let reader = HostdevReader()
  do throws(ParseFailure) { try parse(bytes, reader) } catch {
    throw XMLError(file: name, line: error.line, column: error.column, reason: error.reason)
  }
  return reader.found
}

/// Finds the source addresses while the elements go by.
final class HostdevReader: ElementHandler {
  private(set) var found: [GivenFunction] = []
  /// The elements that are open, from the outermost.
  private var open: [Element] = []

  private struct Element {
    let name: String
    /// A `<hostdev>` has told its function.
    var hasAddress = false
    /// Gives a PCI function away.
    let isHostdev: Bool
    let isManaged: Bool
    let line: Int
  }

  private var line = 1

  func at(line: Int) { self.line = line }

  func start(_ name: String, _ attributes: [String: String]) throws(ElementError) {
    // Deeper than any domain: not memory without end for brackets.
    if open.count == 64 { throw ElementError("elements are nested more than 64 deep") }
    if name == "address" { try address(attributes) }
    // What is inside <metadata> belongs to other programs.
    let isForeign = open.contains { $0.name == "metadata" }
    let type = attributes["type"]
    let isHostdev =
      !isForeign
      && (name == "hostdev" && type == "pci" && attributes["mode", default: "subsystem"] == "subsystem"
        || name == "interface" && type == "hostdev")
    // libvirt takes an element that does not say so for one that it shall leave alone.
    open.append(
      Element(name: name, isHostdev: isHostdev, isManaged: attributes["managed"] == "yes", line: line))
  }

  func end() throws(ElementError) {
    guard let element = open.popLast(), element.isHostdev, element.name == "hostdev" else { return }
    if element.hasAddress { return }
    throw ElementError("a PCI <hostdev> without <source><address …/></source>")
  }

  /// An `<address>` directly in the `<source>` of a hostdev; one directly in the `<hostdev>` is the guest's place for it.
  private func address(_ attributes: [String: String]) throws(ElementError) {
    guard open.count >= 2, open[open.count - 1].name == "source", open[open.count - 2].isHostdev else { return }
    // An interface may be USB; a hostdev's source says no type.
    guard attributes["type", default: "pci"] == "pci" else { return }
    open[open.count - 2].hasAddress = true
    let domain = try number("domain", attributes, most: UInt64(UInt32.max), absent: 0)
    let bus = try number("bus", attributes, most: 0xff, absent: nil)
    let slot = try number("slot", attributes, most: 0x1f, absent: nil)
    let function = try number("function", attributes, most: 7, absent: 0)
    let owner = open[open.count - 2]
    found.append(
      GivenFunction(
        function: Address(
          domain: UInt32(domain), routingID: UInt16(bus) << 8 | UInt16(slot) << 3 | UInt16(function)),
        isManaged: owner.isManaged, line: owner.line))
  }

  private func number(
    _ key: String, _ attributes: [String: String], most: UInt64, absent: UInt64?
  ) throws(ElementError) -> UInt64 {
    guard let text = attributes[key] else {
      guard let absent else { throw ElementError("<address> has no \(key)") }
      return absent
    }
    guard let value = libvirtNumber(text) else { throw ElementError("\(key)='\(text)' is not a number") }
    guard value <= most else { throw ElementError("\(key)='\(text)' is more than 0x\(String(most, radix: 16))") }
    return value
  }
}

/// A number as libvirt reads them (`strtoul` with base 0): `0x1f` hex, `017` octal, `31` decimal.
func libvirtNumber(_ text: String) -> UInt64? {
  let digits: Substring
  let radix: Int
  if text.hasPrefix("0x") || text.hasPrefix("0X") {
    (digits, radix) = (text.dropFirst(2), 16)
  } else if text.hasPrefix("0"), text.utf8.count > 1 {
    (digits, radix) = (text.dropFirst(), 8)
  } else {
    (digits, radix) = (text[...], 10)
  }
  // UInt64's own reading takes a sign.
  guard digits.utf8.allSatisfy({ hexDigit($0) != nil }) else { return nil }
  return UInt64(digits, radix: radix)
}
