import PCI

/// Length of six or more pairs of hex digits with `:` or `-` between them: a MAC address, an InfiniBand one.
func pairsOfHex(_ bytes: ArraySlice<UInt8>) -> Int? {
  var count = 0
  var index = bytes.startIndex
  var separator: UInt8?
  while index + 1 < bytes.endIndex, hexDigit(bytes[index]) != nil, hexDigit(bytes[index + 1]) != nil {
    count += 1
    index += 2
    guard index < bytes.endIndex, bytes[index] == separator ?? bytes[index],
      bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: "-")
    else { break }
    separator = bytes[index]
    index += 1
  }
  guard count >= 6 else { return nil }
  let length = 3 * count - 1
  let end = bytes.startIndex + length
  return end < bytes.endIndex && isWord(bytes[end]) ? nil : length
}

func hexRun(_ bytes: ArraySlice<UInt8>) -> Int { bytes.prefix { hexDigit($0) != nil }.count }

func isWord(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
    true
  default: false
  }
}

/// Ends a value in the middle of a line.
func ends(_ byte: UInt8) -> Bool {
  byte <= 0x20 || [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\")].contains(byte)
}

/// The key that the bytes end with is of those that serial numbers are under.
func isSecretKey(_ bytes: [UInt8]) -> Bool {
  let key = String(decoding: bytes.suffix(64).reversed().prefix(while: isWord).reversed(), as: UTF8.self).uppercased()
  return ["SERIAL", "UNIQ", "WWN", "WWID", "NGUID", "EUI64", "_MAC"].contains { key.contains($0) }
}

/// The key is all of its line so far, but for udev's `E:`.
func startsLine(_ bytes: [UInt8]) -> Bool {
  let line = bytes.suffix(80).reversed().prefix { $0 != 0x0a }
  return line.allSatisfy { isWord($0) || $0 == UInt8(ascii: ":") } && line.count < 80
}
