import Testing

@testable import PCI

/// The serial number of vital product data, on resources as cards give them.
@Suite struct VitalProductDataTests {
  private static func resource(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    [tag, UInt8(content.count & 0xff), UInt8(content.count >> 8)] + content
  }

  private static func keyword(_ name: String, _ text: String) -> [UInt8] {
    Array(name.utf8) + [UInt8(text.utf8.count)] + Array(text.utf8)
  }

  private static let name = resource(0x82, Array("Network card".utf8))
  private static let end: [UInt8] = [0x78]

  @Test func theSerialNumberIsFoundAmongTheOthers() {
    let fields = Self.keyword("PN", "X-1") + Self.keyword("SN", "  XFL1234 ") + Self.keyword("RV", "\u{1}")
    let data = Self.name + Self.resource(0x90, fields) + Self.resource(0x91, Self.keyword("V1", "x")) + Self.end
    #expect(VitalProductData(data).serialNumber == .known("XFL1234"))
    // Short resources before it, and none behind it.
    #expect(VitalProductData([0x09, 0] + Self.resource(0x90, fields)).serialNumber == .known("XFL1234"))
  }

  @Test func whatIsNotThereIsAbsent() {
    #expect(VitalProductData([]).serialNumber == .absent)
    #expect(VitalProductData(Self.name + Self.end).serialNumber == .absent)
    #expect(VitalProductData(Self.resource(0x90, Self.keyword("PN", "X")) + Self.end).serialNumber == .absent)
    // In the part that the card's owner may write there is no serial number of the card.
    #expect(VitalProductData(Self.resource(0x91, Self.keyword("SN", "X")) + Self.end).serialNumber == .absent)
  }

  @Test func whatIsTornIsUnknown() {
    let whole = Self.name + Self.resource(0x90, Self.keyword("PN", "X") + Self.keyword("SN", "1"))
    for count in 1..<whole.count { #expect(VitalProductData(Array(whole[..<count])).serialNumber == .unknown) }
    #expect(VitalProductData([UInt8](repeating: 0xff, count: 64)).serialNumber == .unknown)
    #expect(VitalProductData(Self.resource(0x90, Array("SN".utf8) + [9, 0x41]) + Self.end).serialNumber == .unknown)
    #expect(VitalProductData(Self.resource(0x90, Self.keyword("SN", "\u{1}\u{7f}é"))).serialNumber == .unknown)
  }
}
