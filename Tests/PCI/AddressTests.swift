import Foundation
import PCI
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    ("0000:01:00.0", "0000:01:00.0"), ("ABCD:EF:1F.7", "abcd:ef:1f.7"), ("10000:e1:00.0", "10000:e1:00.0"),
    ("ffffffff:ff:1f.7", "ffffffff:ff:1f.7"), ("00010000:00:00.0", "10000:00:00.0"),
  ])
  func isReadAndPrinted(text: String, printed: String) {
    #expect(Address(text)?.description == printed)
  }

  @Test(arguments: [
    "", ":", "01:00.0", "000:01:00.0", "0000:1:00.0", "0000:001:00.0", "0000:01:0.0", "0000:01:00", "0000:01:00.",
    "0000:01:00.8", "0000:01:00.00", "0000:01:20.0", "0000:01:ff.0", "0000:01:00.0 ", " 0000:01:00.0",
    "0000:01:00.0\n", "000g:01:00.0", "0000:0g:00.0", "0000.01.00.0", "0000:01:00:0", "123456789:01:00.0",
    "-000:01:00.0", "+000:01:00.0", "0x00:01:00.0", "००००:01:00.0", "0000:01:00.0:0",
  ])
  func malformedIsNone(text: String) {
    #expect(Address(text) == nil)
  }

  @Test func everyPlaceOfABusSurvivesPrinting() throws {
    var reached = 0
    for routing in UInt16.min ... .max {
      let address = Address(domain: 0x10000, routingID: routing)
      #expect(address.routingID == routing)
      if Address(address.description) == address { reached += 1 }
    }
    print("ADDRESSES: 65536 cases, \(reached) reached")
    #expect(reached == 65536)
  }

  @Test func outOfRangeIsNone() {
    #expect(Address(domain: 0, bus: 0, device: 32, function: 0) == nil)
    #expect(Address(domain: 0, bus: 0, device: 0, function: 8) == nil)
    #expect(Address(domain: .max, bus: 255, device: 31, function: 7) != nil)
  }

  @Test func orderIsByNumberNotByText() throws {
    let texts = ["0000:02:00.0", "0000:10:00.0", "ffff:00:00.0", "10000:00:00.0", "10000:00:00.1", "10000:00:01.0"]
    let addresses = try texts.map { try #require(Address($0)) }
    #expect(addresses.shuffled().sorted() == addresses)
    #expect(Set(addresses.map(\.segment)).sorted().map(\.description).count == 4)
    #expect(addresses.map(\.slot).sorted() == addresses.map(\.slot))
  }

  @Test func partsNameThemselves() throws {
    let address = try #require(Address("10000:0a:1f.3"))
    #expect(address.slot.description == "10000:0a:1f")
    #expect(address.segment.description == "10000:0a")
    #expect(address.libvirtName == "pci_10000_0a_1f_3")
    #expect(try #require(Address("0000:01:00.0")).libvirtName == "pci_0000_01_00_0")
  }

  @Test(arguments: [
    ("0000:00", "0000:00"), ("10000:E0", "10000:e0"), ("0000", nil), ("0000:0", nil), ("0000:00:00", nil), ("", nil),
  ])
  func busIsRead(text: String, printed: String?) {
    #expect(Bus(text)?.description == printed)
  }

  @Test func anAddressIsItsTextInAFile() throws {
    let address = try #require(Address("10000:01:00.1"))
    let text = String(decoding: try JSONEncoder().encode([address: [address]]), as: UTF8.self)
    #expect(text == #"{"10000:01:00.1":["10000:01:00.1"]}"#)
    #expect(try JSONDecoder().decode([Address: [Address]].self, from: Data(text.utf8)) == [address: [address]])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Address].self, from: Data(#"["01:00.0"]"#.utf8)) }
  }
}

@Suite struct HexTests {
  @Test(arguments: [
    ("0x10ee", 0x10ee), ("0X10EE", 0x10ee), ("10ee", 0x10ee), ("0", 0), ("ffff", 0xffff), ("0000000f", 15),
    ("10000", nil), ("", nil), ("0x", nil), ("-1", nil), ("+1", nil), ("1 ", nil), ("0x0x1", nil), ("g", nil),
  ])
  func isRead(text: String, value: UInt16?) {
    #expect(parseHex(text, as: UInt16.self) == value)
  }

  @Test func isPadded() {
    #expect(hexText(UInt32(0xa), digits: 4) == "000a")
    #expect(hexText(UInt32(0x10000), digits: 4) == "10000")
    #expect(hexText(UInt8(0), digits: 1) == "0")
  }

  @Test func digitsAreTheSixteenInBothCases() {
    let found = (UInt8.min ... .max).filter { hexDigit($0) != nil }
    #expect(found == Array("0123456789ABCDEFabcdef".utf8))
  }
}

@Suite struct IdentifierTests {
  @Test func classCodeHasItsParts() {
    let code = ClassCode(0xff0c_0330)
    #expect(code.description == "0x0c0330")
    #expect(code.base == 0x0c)
    #expect(code.subclass == 0x0c03)
    #expect(code.interface == 0x30)
    #expect(code.isUSBController)
  }

  @Test(arguments: [
    (0x060400, true), (0x060401, true), (0x060700, true), (0x060940, true), (0x060000, false), (0x060100, false),
    (0x010802, false),
  ])
  func busBridgesAreKnownByClass(value: UInt32, isBridge: Bool) {
    #expect(ClassCode(value).isBusBridge == isBridge)
  }

  @Test func idIsPrintedWithAllDigits() {
    #expect(DeviceID(vendor: 0x1b, device: 0).description == "001b:0000")
  }
}

@Suite struct FactTests {
  @Test func unknownIsNotNo() {
    let facts: [Fact<Int>] = [.known(1), .absent, .unknown]
    #expect(facts.map(\.value) == [1, nil, nil])
    #expect(facts.map(\.isUnknown) == [false, false, true])
    #expect(facts.map(\.isAbsent) == [false, true, false])
    #expect(facts.map { $0.map { $0 + 1 } } == [.known(2), .absent, .unknown])
    #expect(facts.map { $0.or(.known(7)) } == [.known(1), .absent, .known(7)])
    #expect(facts.map { $0.flatMap { _ in Fact<Int>.unknown } } == [.unknown, .absent, .unknown])
  }
}
