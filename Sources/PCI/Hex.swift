/// Value of one hex digit in ASCII, or nil.
@inlinable
public func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// Lower-case hex, padded with zeros to at least `digits`; no `0x`.
public func hexText(_ value: some FixedWidthInteger & UnsignedInteger, digits: Int) -> String {
  let text = String(value, radix: 16)
  return text.utf8.count >= digits ? text : String(repeating: "0", count: digits - text.utf8.count) + text
}

/// Reads a whole text as hex, with or without `0x`; nil if it is not, or does not fit.
public func parseHex<Value: FixedWidthInteger & UnsignedInteger>(_ text: some StringProtocol, as _: Value.Type)
  -> Value?
{
  let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text[...]
  guard !digits.isEmpty, digits.utf8.allSatisfy({ hexDigit($0) != nil }) else { return nil }
  return Value(digits, radix: 16)
}
