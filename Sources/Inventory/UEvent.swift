import Host
import PCI

/// What a function's `uevent` says: driver, class, ids and subsystem ids in one read.
struct UEvent {
  var driver: String?
  var classCode: ClassCode?
  var id: DeviceID?
  var subsystem: DeviceID?

  /// It is a PCI function's: without a driver line the function is unbound. An empty or torn file says nothing.
  var isComplete: Bool { id != nil && classCode != nil && (driver.map(DriverName.isSound) ?? true) }

  /// Lines `KEY=value`; the kernel prints the class as `%04X`, so without leading zeros, and ids as `10EE:5000`.
  ///
  /// A last line without its end is torn: half a class or id is another one.
  init(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count, let end = bytes[start...].firstIndex(of: 0x0a) {
      line(bytes[start..<end])
      start = end + 1
    }
  }

  private mutating func line(_ line: ArraySlice<UInt8>) {
    if let value = Self.value(of: "DRIVER=", in: line) {
      driver = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    } else if let value = Self.value(of: "PCI_CLASS=", in: line) {
      classCode = Self.hex(value, upTo: 6).map { ClassCode($0) }
    } else if let value = Self.value(of: "PCI_ID=", in: line) {
      id = Self.pair(value)
    } else if let value = Self.value(of: "PCI_SUBSYS_ID=", in: line) {
      subsystem = Self.pair(value)
    }
  }

  private static func value(of key: StaticString, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let count = key.utf8CodeUnitCount
    guard line.count >= count else { return nil }
    for place in 0..<count where line[line.startIndex + place] != key.utf8Start[place] { return nil }
    return line.dropFirst(count)
  }

  private static func hex(_ digits: ArraySlice<UInt8>, upTo limit: Int) -> UInt32? {
    guard !digits.isEmpty, digits.count <= limit else { return nil }
    var value: UInt32 = 0
    for byte in digits {
      guard let digit = hexDigit(byte) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private static func pair(_ text: ArraySlice<UInt8>) -> DeviceID? {
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")), let vendor = hex(text[..<colon], upTo: 4),
      let device = hex(text[(colon + 1)...], upTo: 4)
    else { return nil }
    return DeviceID(vendor: UInt16(vendor), device: UInt16(device))
  }
}
