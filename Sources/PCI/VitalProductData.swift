/// Vital product data, as the `vpd` attribute shows it: resources as PCI took them over from ISA plug and play.
public struct VitalProductData: Sendable, Equatable {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The card's serial number, keyword `SN` of the read-only resource (tag 0x90), without blanks around it; absent if
  /// there is none, unknown if what is there ends before it should.
  public var serialNumber: Fact<String> {
    var place = 0
    while place < bytes.count {
      let tag = bytes[place]
      // Bit 7 clear: a short resource with its length in the tag; 0x78 ends the list.
      if tag & 0x80 == 0 {
        if tag & 0x78 == 0x78 || tag == 0 { return .absent }
        place += 1 + Int(tag & 7)
        continue
      }
      guard place + 2 < bytes.count else { return .unknown }
      let start = place + 3
      let end = start + (Int(bytes[place + 1]) | Int(bytes[place + 2]) << 8)
      // An absent device reads all ones.
      if tag == 0xff || end > bytes.count { return .unknown }
      if tag == 0x90, case let found = keyword("SN", in: start..<end), !found.isAbsent { return found }
      place = end
    }
    return bytes.isEmpty ? .absent : .unknown
  }

  /// Two letters, a length, and that many bytes.
  private func keyword(_ name: StaticString, in range: Range<Int>) -> Fact<String> {
    var place = range.lowerBound
    while place + 3 <= range.upperBound {
      let end = place + 3 + Int(bytes[place + 2])
      if end > range.upperBound { return .unknown }
      if bytes[place] == name.utf8Start[0], bytes[place + 1] == name.utf8Start[1] {
        let text = bytes[(place + 3)..<end].drop { $0 <= 0x20 }
        let last = text.lastIndex { $0 > 0x20 && $0 < 0x7f }
        guard let last, text[...last].allSatisfy({ (0x20..<0x7f).contains($0) }) else { return .unknown }
        return .known(String(decoding: text[...last], as: UTF8.self))
      }
      place = end
    }
    return .absent
  }
}
