import PCI

/// The function that an `<address>` of a `<source>` names.
func libvirtAddress(_ attributes: [String: String]) throws(ElementError) -> Address {
  let domain = try number("domain", attributes, most: UInt64(UInt32.max), absent: 0)
  let bus = try number("bus", attributes, most: 0xff, absent: nil)
  let slot = try number("slot", attributes, most: 0x1f, absent: nil)
  let function = try number("function", attributes, most: 7, absent: 0)
  return Address(domain: UInt32(domain), routingID: UInt16(bus) << 8 | UInt16(slot) << 3 | UInt16(function))
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
