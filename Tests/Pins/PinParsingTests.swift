import Foundation
import PCI
import Testing

@testable import Pins

/// The file's form: what is written is read back, and what is wrong is told with its line and key.
@Suite struct PinParsingTests {
  private static let card = Pin(
    name: "card", description: "for \"win\\dows\"\nü", driver: "auto", match: .ids, follow: true,
    forced: [.slotIncomplete],
    functions: (0...1).compactMap { number in
      Address("0000:01:00.\(number)").map {
        PinnedFunction(
          address: $0, path: "0000:00/01.0/00.\(number)", vendorID: 0x10ee, deviceID: 0x5000,
          subsystemVendorID: 0x10ee, subsystemDeviceID: 0x000e, classCode: ClassCode(0x120000),
          serialNumber: "00-0a-35-ff-ff-00-00-01", vpdSerialNumber: "XFL1")
      }
    },
    evidence: PinEvidence(
      at: "2026-01-01T00:00:00Z",
      findings: [
        PinnedFinding(
          code: "no-reset", severity: "warning", functions: [], message: "none", evidence: ["a", "b"])
      ]))

  @Test func whatIsWrittenIsReadBack() throws {
    let read = try Pin(name: "card", bytes: Array(Self.card.text.utf8))
    #expect(read == Self.card)
  }

  @Test func littleIsEnough() throws {
    let text = #"{"version":1,"functions":[{"address":"0000:01:00.0","vendor_id":"0x10ee","device_id":"0x5000"}]}"#
    let pin = try Pin(name: "card", bytes: Array(text.utf8))
    #expect(pin.driver == "vfio-pci" && pin.match == .path && !pin.follow && pin.functions.count == 1)
    #expect(pin.functions[0].path == nil && pin.functions[0].subsystemVendorID == nil)
  }

  @Test(arguments: [
    (#""version": 1"#, #""version": 2"#, 2, "version"),
    (#""version": 1"#, #""version": "1""#, 2, "version"),
    (#""version": 1"#, #""version": 1.5"#, 2, "version"),
    (#""match": "ids""#, #""match": "name""#, 5, "match"),
    (#""follow": true"#, #""follow": "yes""#, 6, "follow"),
    (#""follow": true"#, #""follows": true"#, 6, "follows"),
    (#""slot-incomplete""#, #""slot""#, 8, "force[0]"),
    (#""0000:01:00.1""#, #""1:0.1""#, 23, "functions[1].address"),
    (#""0000:00/01.0/00.1""#, #""01.0""#, 24, "functions[1].path"),
    (#""class": "0x120000""#, #""class": 1179648"#, 18, "functions[0].class"),
    (#""at": "2026-01-01T00:00:00Z""#, #""at": null"#, 35, "pinned.at"),
    (#""message": "none""#, #""massage": "none""#, 37, "pinned.findings[0].message"),
    (#""driver": "auto""#, #""driver": "../../x""#, 4, "driver"),
    (#""description": "#, #""match": "path", "description": "#, 5, "match"),
  ])
  func whatIsWrongIsToldWithLineAndKey(was: String, becomes: String, line: Int, key: String) throws {
    let text = Self.card.text
    let place = try #require(text.range(of: was))
    let broken = text.replacingCharacters(in: place, with: becomes)
    let fault = #expect(throws: PinFault.self) { try Pin(name: "card", bytes: Array(broken.utf8)) }
    #expect(fault?.line == line && fault?.key == key, "\(String(describing: fault))")
  }

  private static let port = """
    {
      "version": 1,
      "functions": [{"address": "0000:01:00.1", "vendor_id": "0x8086", "device_id": "0x1521"}],
      "vfs": {
        "count": 2,
        "driver": "vfio-pci",
        "functions": [
          {"index": 0, "mac": "52:54:00:00:09:00"},
          {"index": 1,
           "mac": "52:54:00:00:09:01", "vlan": "7"}
        ]
      }
    }
    """

  @Test func virtualFunctionsAreReadBack() throws {
    let pin = try Pin(name: "port", bytes: Array(Self.port.utf8))
    #expect(pin.virtuals?.count == 2 && pin.virtuals?.driver == "vfio-pci")
    #expect(pin.virtuals?.settings[1] == [.mac: "52:54:00:00:09:01", .vlan: "7"])
    #expect(try Pin(name: "port", bytes: Array(pin.text.utf8)) == pin)
  }

  @Test(arguments: [
    ("09:01", "09:00", 10, "vfs.functions[1].mac"), ("09:01", "09:0", 10, "vfs.functions[1].mac"),
    (#""vlan": "7""#, #""vlan": "4095""#, 10, "vfs.functions[1].vlan"),
    (#""index": 1"#, #""index": 2"#, 9, "vfs.functions[1].index"),
    (#""index": 1"#, #""index": 0"#, 9, "vfs.functions[1].index"),
    (#""count": 2"#, #""count": 65536"#, 5, "vfs.count"),
  ])
  func whatIsWrongOfVirtualFunctionsIsToldWithLineAndKey(was: String, becomes: String, line: Int, key: String) throws {
    let place = try #require(Self.port.range(of: was))
    let broken = Self.port.replacingCharacters(in: place, with: becomes)
    let fault = #expect(throws: PinFault.self) { try Pin(name: "port", bytes: Array(broken.utf8)) }
    #expect(fault?.line == line && fault?.key == key, "\(String(describing: fault))")
  }

  /// All zeros take an address away, from as many as are told so.
  @Test func noAddressMayBeOfSeveral() throws {
    let text = Self.port.replacing("52:54:00:00:09:00", with: "00:00:00:00:00:00")
      .replacing("52:54:00:00:09:01", with: "00:00:00:00:00:00")
    #expect(try Pin(name: "port", bytes: Array(text.utf8)).virtuals?.settings[1][.mac] == "00:00:00:00:00:00")
  }

  @Test(arguments: [
    ("", 1), ("[1]", 1), ("{\n\"version\": 1,\n}", 3), ("{\"version\": 1} x", 1), ("{\n\"version\": 01}", 2),
    ("{\"version\": 1,\n\n \"description\": \"a\nb\"}", 3), ("{\"description\": \"\\ud800\"}", 1),
    (String(repeating: "[", count: 100_000), 1),
  ])
  func whatIsNoJSONIsToldWithItsLine(text: String, line: Int) {
    let fault = #expect(throws: PinFault.self) { try Pin(name: "card", bytes: Array(text.utf8)) }
    #expect(fault?.line == line, "\(String(describing: fault))")
  }

  @Test(arguments: ["", ".hidden", "a/b", "a b", "ü", "x\0", "-", "--no-root", "-card"])
  func theseAreNoNames(name: String) { #expect(!Pin.isName(name)) }

  @Test(arguments: ["card", "a-b", "0-", "_x", "gpu.1"])
  func theseAreNames(name: String) { #expect(Pin.isName(name)) }

  @Test(arguments: [
    ("00-00-00-00-00-00-00-00", false), ("ff-ff-ff-ff-ff-ff-ff-ff", false), ("FF-ff-ff-ff-ff-ff-ff-ff", false),
    ("", false), ("00-0a-35-ff-ff-00-00-01", true), ("11-11-11-11-11-11-11-11", true),
  ])
  func zerosAndOnesAreNoSerial(text: String, counts: Bool) { #expect(SerialNumber.counts(text) == counts) }
}
