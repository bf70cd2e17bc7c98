import PCI

/// Reads JSON (RFC 8259) with the line of every key and value; FoundationEssentials' decoder does not tell them.
struct LocatedParser {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  /// Nothing in a pin is nested deeper; what is would only eat the stack.
  private static let deepest = 16

  static func parse(_ bytes: [UInt8]) throws(PinFault) -> LocatedValue {
    var parser = Self(bytes)
    let value = try parser.value(depth: 0)
    parser.skipBlanks()
    if parser.place < bytes.count { throw parser.fault("unexpected text after the end of the object") }
    return value
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func fault(_ reason: String) -> PinFault { PinFault(line: line, key: nil, reason: reason) }

  private func unexpected(_ wanted: String) -> PinFault {
    guard let next else { return fault("expected \(wanted), found the end of the file") }
    let shown =
      (0x21...0x7e).contains(next) ? "'\(Character(UnicodeScalar(next)))'" : "byte 0x\(hexText(next, digits: 2))"
    return fault("expected \(wanted), found \(shown)")
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
      if byte == 0x0a { line += 1 }
      place += 1
    }
  }

  /// Consumes `byte` where it is next.
  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(PinFault) -> LocatedValue {
    skipBlanks()
    let start = line
    guard depth < Self.deepest else { throw fault("nested too deep") }
    let content: LocatedValue.Content
    switch next {
    case UInt8(ascii: "{"): content = .object(try members(depth))
    case UInt8(ascii: "["): content = .list(try elements(depth))
    case UInt8(ascii: "\""): content = .text(try text())
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): content = .number(try number())
    case UInt8(ascii: "t") where word("true"): content = .bool(true)
    case UInt8(ascii: "f") where word("false"): content = .bool(false)
    case UInt8(ascii: "n") where word("null"): content = .null
    default: throw unexpected("a value")
    }
    return LocatedValue(content: content, line: start)
  }

  private mutating func word(_ text: StaticString) -> Bool {
    let end = place + text.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for offset in 0..<text.utf8CodeUnitCount where bytes[place + offset] != text.utf8Start[offset] { return false }
    place = end
    return true
  }

  private mutating func members(_ depth: Int) throws(PinFault) -> [LocatedValue.Member] {
    place += 1
    var members: [LocatedValue.Member] = []
    if take(UInt8(ascii: "}")) { return [] }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key") }
      let start = line
      let key = try text()
      if members.contains(where: { $0.key == key }) {
        throw PinFault(line: start, key: key, reason: "the key occurs twice")
      }
      guard take(UInt8(ascii: ":")) else { throw unexpected("a colon") }
      members.append(LocatedValue.Member(key: key, line: start, value: try value(depth: depth + 1)))
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else { throw unexpected("a comma or the end of the object") }
    }
  }

  private mutating func elements(_ depth: Int) throws(PinFault) -> [LocatedValue] {
    place += 1
    var elements: [LocatedValue] = []
    if take(UInt8(ascii: "]")) { return [] }
    while true {
      elements.append(try value(depth: depth + 1))
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw unexpected("a comma or the end of the list") }
    }
  }

  private mutating func number() throws(PinFault) -> String {
    let start = place
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    if next == UInt8(ascii: "-") { place += 1 }
    guard isDigit(next) else { throw unexpected("a digit") }
    if next == UInt8(ascii: "0") { place += 1 } else { while isDigit(next) { place += 1 } }
    if next == UInt8(ascii: ".") {
      place += 1
      guard isDigit(next) else { throw unexpected("a digit") }
      while isDigit(next) { place += 1 }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      guard isDigit(next) else { throw unexpected("a digit") }
      while isDigit(next) { place += 1 }
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func text() throws(PinFault) -> String {
    place += 1
    var found: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: found, as: UTF8.self) else { throw fault("a string that is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(&found)
      case 0..<0x20: throw fault("a control character in a string")
      default: found.append(byte)
      }
    }
    throw fault("a string without an end")
  }

  private mutating func escape(_ found: inout [UInt8]) throws(PinFault) {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 0x08,
      UInt8(ascii: "f"): 0x0c, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
    ]
    guard let letter = next else { throw unexpected("an escaped character") }
    place += 1
    if let byte = plain[letter] {
      found.append(byte)
      return
    }
    guard letter == UInt8(ascii: "u") else { throw fault("an escape that JSON does not have") }
    var code = UInt32(try unit())
    if (0xd800...0xdbff).contains(code) {
      // The first half of a pair: the second must follow.
      guard word("\\u"), case let low = UInt32(try unit()), (0xdc00...0xdfff).contains(low) else {
        throw fault("half a surrogate pair")
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = UnicodeScalar(code) else { throw fault("half a surrogate pair") }
    found.append(contentsOf: String(scalar).utf8)
  }

  /// Four hex digits.
  private mutating func unit() throws(PinFault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap(hexDigit) else { throw unexpected("a hex digit") }
      value = value << 4 | UInt16(digit)
      place += 1
    }
    return value
  }
}
