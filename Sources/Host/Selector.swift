import PCI

/// What a user names functions by.
public enum Selector: Sendable, Equatable {
  case function(Address)
  case slot(Slot)
  case id(DeviceID)
  case group(Int)
  /// A network interface's name.
  case network(String)
  /// A block device's name below `/dev`: `nvme0n1`, `disk/by-id/…`, `mapper/…`.
  case block(String)
  /// A file of domain or fragment XML; `-` is standard input.
  case xml(String)
  case pin(String)
}

/// A selector that is none of the forms.
public struct SelectorError: Error, Sendable, Equatable {
  public let text: String
  public let reason: String
}

extension Selector {
  public init(parsing text: String) throws(SelectorError) {
    func named(_ prefix: String) throws(SelectorError) -> String? {
      guard text.hasPrefix(prefix) else { return nil }
      let name = String(text.dropFirst(prefix.count))
      if name.isEmpty { throw SelectorError(text: text, reason: "nothing follows \(prefix)") }
      return name
    }
    func plain(_ name: String) throws(SelectorError) -> String {
      if name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
        $0.isEmpty || $0 == "." || $0 == ".."
      }) {
        throw SelectorError(text: text, reason: "'\(name)' is no name of a device")
      }
      return name
    }
    if let number = try named("group:") {
      guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let group = Int(number) else {
        throw SelectorError(text: text, reason: "a group is a number, as in group:12")
      }
      self = .group(group)
    } else if let name = try named("net:") {
      if name.contains("/") { throw SelectorError(text: text, reason: "'\(name)' is no name of an interface") }
      self = .network(try plain(name))
    } else if let name = try named("block:") {
      self = .block(try plain(name.hasPrefix("/dev/") ? String(name.dropFirst(5)) : name))
    } else if let name = try named("/dev/") {
      self = .block(try plain(name))
    } else if let file = try named("xml:") {
      self = .xml(file)
    } else if let name = try named("pin:") {
      if name.contains("/") || name.hasPrefix(".") {
        throw SelectorError(text: text, reason: "'\(name)' is no name of a pin")
      }
      self = .pin(name)
    } else if text.hasPrefix("pci_") {
      self = try Self.libvirt(text)
    } else {
      self = try Self.place(text)
    }
  }

  /// `pci_0000_01_00_0`.
  private static func libvirt(_ text: String) throws(SelectorError) -> Self {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 5, let address = Address("\(parts[1]):\(parts[2]):\(parts[3]).\(parts[4])") else {
      throw SelectorError(text: text, reason: "libvirt's names are like pci_0000_01_00_0")
    }
    return .function(address)
  }

  /// An address or a slot, with or without domain, or `vendor:device`.
  private static func place(_ text: String) throws(SelectorError) -> Self {
    if let address = Address(text) ?? Address("0000:" + text) { return .function(address) }
    if let address = Address(text + ".0") ?? Address("0000:" + text + ".0") { return .slot(address.slot) }
    let halves = text.split(separator: ":", omittingEmptySubsequences: false)
    if halves.count == 2, halves.allSatisfy({ $0.utf8.count == 4 && $0.utf8.allSatisfy { hexDigit($0) != nil } }),
      let vendor = parseHex(halves[0], as: UInt16.self),
      let device = parseHex(halves[1], as: UInt16.self)
    {
      return .id(DeviceID(vendor: vendor, device: device))
    }
    throw SelectorError(
      text: text,
      reason:
        "a selector is an address (0000:01:00.0, 01:00.0, 01:00, pci_0000_01_00_0), vendor:device (10ee:5000), group:12, net:NAME, block:NAME, /dev/NAME, xml:FILE or pin:NAME"
    )
  }
}
