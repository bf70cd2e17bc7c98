/// The place of one PCI function, `dddd:bb:dd.f`: the unit that a driver binds.
///
/// The domain has four **or more** hex digits (Intel VMD numbers its own from `10000:`).
public struct Address: Hashable, Comparable, Sendable {
  /// PCI segment group; sysfs prints it with at least four hex digits.
  public let domain: UInt32
  public let bus: UInt8
  /// Device number on the bus, 0–31.
  public let device: UInt8
  /// 0–7. With ARI the kernel still prints device and function as 5 and 3 bits.
  public let function: UInt8

  /// Nil if `device` or `function` is out of range.
  public init?(domain: UInt32, bus: UInt8, device: UInt8, function: UInt8) {
    guard device < 32, function < 8 else { return nil }
    self.domain = domain
    self.bus = bus
    self.device = device
    self.function = function
  }

  /// The name that sysfs gives a function: `0000:01:00.0`, nothing shorter, lower or upper case.
  public init?(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)[...]
    guard let domain = Self.hex(&bytes, digits: 4...8, end: UInt8(ascii: ":")),
      let bus = Self.hex(&bytes, digits: 2...2, end: UInt8(ascii: ":")),
      let device = Self.hex(&bytes, digits: 2...2, end: UInt8(ascii: ".")),
      let function = Self.hex(&bytes, digits: 1...1, end: nil), bytes.isEmpty
    else { return nil }
    self.init(domain: domain, bus: UInt8(bus), device: UInt8(device & 0xff), function: UInt8(function))
  }

  /// Reads hex digits up to `end`, which is consumed; nil leaves the rest undefined.
  private static func hex(_ bytes: inout ArraySlice<UInt8>, digits: ClosedRange<Int>, end: UInt8?) -> UInt32? {
    var value: UInt64 = 0
    var count = 0
    while let byte = bytes.first, byte != end {
      guard let digit = hexDigit(byte), count < digits.upperBound else { return nil }
      value = value << 4 | UInt64(digit)
      count += 1
      bytes = bytes.dropFirst()
    }
    guard digits.contains(count) else { return nil }
    if end != nil {
      guard !bytes.isEmpty else { return nil }
      bytes = bytes.dropFirst()
    }
    return UInt32(value)
  }

  /// All functions that share `dddd:bb:dd`.
  public var slot: Slot { Slot(domain: domain, bus: bus, device: device) }
  /// The bus that the function sits on.
  public var segment: Bus { Bus(domain: domain, number: bus) }
  /// Routing identifier without the domain: bus, device, function as the registers carry them.
  public var routingID: UInt16 { UInt16(bus) << 8 | UInt16(device) << 3 | UInt16(function) }

  /// The function of the same domain with this routing identifier.
  public init(domain: UInt32, routingID: UInt16) {
    self.domain = domain
    bus = UInt8(routingID >> 8)
    device = UInt8(routingID >> 3 & 0x1f)
    function = UInt8(routingID & 7)
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.domain, left.routingID) < (right.domain, right.routingID)
  }
}

extension Address: CustomStringConvertible {
  /// Lower case, always with the domain: `0000:01:00.0`.
  public var description: String {
    // By hand, since every line of every listing has one, and a capture may have thousands.
    String(unsafeUninitializedCapacity: 16) { buffer in
      var count = 0
      func put(_ value: UInt32, digits: Int) {
        for digit in stride(from: digits - 1, through: 0, by: -1) {
          let nibble = UInt8(value >> (digit * 4) & 0xf)
          buffer[count] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
          count += 1
        }
      }
      func put(_ separator: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: separator)
        count += 1
      }
      put(domain, digits: max(4, (35 - domain.leadingZeroBitCount) / 4))
      put(":")
      put(UInt32(bus), digits: 2)
      put(":")
      put(UInt32(device), digits: 2)
      put(".")
      put(UInt32(function), digits: 1)
      return count
    }
  }

  /// libvirt's name for the node device: `pci_0000_01_00_0`.
  public var libvirtName: String {
    "pci_\(hexText(domain, digits: 4))_\(hexText(bus, digits: 2))_\(hexText(device, digits: 2))_\(function)"
  }
}

/// All functions that share `dddd:bb:dd`; what a card in one connector usually is.
public struct Slot: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let domain: UInt32
  public let bus: UInt8
  public let device: UInt8

  public init(domain: UInt32, bus: UInt8, device: UInt8) {
    self.domain = domain
    self.bus = bus
    self.device = device
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.domain, left.bus, left.device) < (right.domain, right.bus, right.device)
  }

  /// `0000:01:00`.
  public var description: String {
    "\(hexText(domain, digits: 4)):\(hexText(bus, digits: 2)):\(hexText(device, digits: 2))"
  }
}

/// One bus of one domain.
public struct Bus: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let domain: UInt32
  public let number: UInt8

  public init(domain: UInt32, number: UInt8) {
    self.domain = domain
    self.number = number
  }

  /// `0000:00`, as in `/sys/devices/pci0000:00`.
  public init?(_ text: some StringProtocol) {
    guard let address = Address("\(text):00.0") else { return nil }
    self = address.segment
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.domain, left.number) < (right.domain, right.number)
  }

  public var description: String { "\(hexText(domain, digits: 4)):\(hexText(number, digits: 2))" }
}
