import Host

/// Writes JSON as it comes, in the order it comes. Five times as fast as an encoder, and `list` has many functions.
public struct JSONWriter {
  public private(set) var bytes: [UInt8] = []
  /// A value was written at this depth, so the next one wants a comma.
  private var needsComma = false

  public init() {}

  public mutating func object(_ body: (inout Self) -> Void) { enclose(0x7b, 0x7d, around: body) }
  public mutating func array(_ body: (inout Self) -> Void) { enclose(0x5b, 0x5d, around: body) }

  private mutating func enclose(_ open: UInt8, _ close: UInt8, around body: (inout Self) -> Void) {
    separate()
    bytes.append(open)
    needsComma = false
    body(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  /// A key; its value must follow.
  public mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  public mutating func value(_ flag: Bool?) {
    guard let flag else { return null() }
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  public mutating func value(_ number: Int?) {
    guard let number else { return null() }
    separate()
    bytes.append(contentsOf: "\(number)".utf8)
  }

  public mutating func value(_ text: String?) {
    guard let text else { return null() }
    separate()
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: scalar))
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\t": bytes.append(contentsOf: "\\t".utf8)
      // Who looks at it on a terminal, does so by `cat`.
      case _ where scalar.isHarmful: for unit in String(scalar).utf16 { escape(unit) }
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ unit: UInt16) {
    bytes.append(contentsOf: "\\u".utf8)
    for shift in [12, 8, 4, 0] { bytes.append(Self.digits[Int(unit >> shift & 0xf)]) }
  }

  /// A number in tenths: 25 is `2.5`, 80 is `8`.
  public mutating func tenths(_ number: Int?) {
    guard let number else { return null() }
    separate()
    bytes.append(contentsOf: (number % 10 == 0 ? "\(number / 10)" : "\(number / 10).\(number % 10)").utf8)
  }

  /// `"0x"` and hex, as sysfs spells ids.
  public mutating func hex(_ number: (some FixedWidthInteger & UnsignedInteger)?, digits count: Int) {
    guard let number else { return null() }
    separate()
    bytes.append(contentsOf: "\"0x".utf8)
    var shift = max(count - 1, 0) * 4
    while shift < number.bitWidth - 4, number >> (shift + 4) != 0 { shift += 4 }
    while shift >= 0 {
      bytes.append(Self.digits[Int(truncatingIfNeeded: number >> shift) & 0xf])
      shift -= 4
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let digits = Array("0123456789abcdef".utf8)

  public mutating func values(_ texts: some Sequence<String>) {
    array { writer in for text in texts { writer.value(text) } }
  }

  /// Begins the one object that every command prints.
  public static func document(_ body: (inout Self) -> Void) -> [UInt8] {
    var writer = Self()
    writer.object { writer in
      writer.key("schema")
      writer.value("hostdev/1")
      body(&writer)
    }
    writer.bytes.append(0x0a)
    return writer.bytes
  }
}
