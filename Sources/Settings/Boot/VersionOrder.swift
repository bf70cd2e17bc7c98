/// The order of versions in which systemd sorts entries: "Version Format Specification" of the UAPI group.
enum VersionOrder {
  /// Less than 0 if the first is the older one.
  static func compare(_ first: String, _ second: String) -> Int {
    var (one, two) = (Array(first.utf8)[...], Array(second.utf8)[...])
    while true {
      one = one.drop { !isPart($0) }
      two = two.drop { !isPart($0) }
      // `6.12~rc1` comes before `6.12`.
      if let order = marked(UInt8(ascii: "~"), &one, or: &two) { return order }
      if one.isEmpty || two.isEmpty { return one.isEmpty == two.isEmpty ? 0 : one.isEmpty ? -1 : 1 }
      for mark in "-^.".utf8 {
        if let order = marked(mark, &one, or: &two) { return order }
      }
      let order = isDigit(one.first) || isDigit(two.first) ? numbers(&one, &two) : letters(&one, &two)
      if order != 0 { return order }
    }
  }

  /// Who has the mark is older; nil if both or neither has it.
  private static func marked(_ mark: UInt8, _ one: inout ArraySlice<UInt8>, or two: inout ArraySlice<UInt8>) -> Int? {
    switch (one.first == mark, two.first == mark) {
    case (false, false): return nil
    case (true, true):
      one.removeFirst()
      two.removeFirst()
      return nil
    case (let isFirst, _): return isFirst ? -1 : 1
    }
  }

  /// A number is newer than letters.
  private static func numbers(_ one: inout ArraySlice<UInt8>, _ two: inout ArraySlice<UInt8>) -> Int {
    let first = taken(&one, isDigit).drop { $0 == UInt8(ascii: "0") }
    let second = taken(&two, isDigit).drop { $0 == UInt8(ascii: "0") }
    if first.count != second.count { return first.count - second.count }
    return ordered(first, second)
  }

  private static func letters(_ one: inout ArraySlice<UInt8>, _ two: inout ArraySlice<UInt8>) -> Int {
    ordered(taken(&one, isLetter), taken(&two, isLetter))
  }

  private static func ordered(_ one: ArraySlice<UInt8>, _ two: ArraySlice<UInt8>) -> Int {
    one.lexicographicallyPrecedes(two) ? -1 : two.lexicographicallyPrecedes(one) ? 1 : 0
  }

  private static func taken(_ rest: inout ArraySlice<UInt8>, _ fits: (UInt8?) -> Bool) -> ArraySlice<UInt8> {
    let part = rest.prefix { fits($0) }
    rest = rest.dropFirst(part.count)
    return part
  }

  private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
  private static func isLetter(_ byte: UInt8?) -> Bool {
    byte.map { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) } ?? false
  }
  private static func isPart(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || "~-^.".utf8.contains(byte) }
}
