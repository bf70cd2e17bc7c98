import Foundation
import Glibc
import PCI
import System
import TestSupport
import Testing

@testable import Pins

/// Whose word a file is, and what one bad file costs.
@Suite struct PinFolderTests {
  private final class Place: Scratch, @unchecked Sendable {
    var pins: PinFolder { PinFolder(root, user: 0) }
  }

  private static func pin(_ name: String, _ slot: String, serial: String? = nil) -> Pin {
    let function = Address("\(slot).0").map {
      PinnedFunction(
        address: $0, path: "0000:00/\(slot.suffix(2)).0/00.0", vendorID: 0x10ee, deviceID: 0x5000, serialNumber: serial)
    }
    return Pin(name: name, functions: [function].compactMap { $0 })
  }

  @Test func whatIsWrittenIsListed() throws {
    let place = try Place()
    #expect(place.pins.all().pins == [] && place.pins.all().isFolderUsable)
    let pins = [Self.pin("a", "0000:01:01"), Self.pin("b", "0000:01:02")]
    for pin in pins.reversed() { try place.pins.write(pin) }
    #expect(place.pins.all().pins == pins)
    #expect(try place.pins.read("b") == pins[1])
    try place.pins.remove("a")
    #expect(place.pins.all().names == ["b"])
    #expect(throws: PinError.missing(name: "bb", suggestion: "b")) { try place.pins.read("bb") }
  }

  @Test func aBadFileCostsItselfAlone() throws {
    let place = try Place()
    try place.pins.write(Self.pin("good", "0000:01:01"))
    try place.file(PinFolder.path + "/bad.json", "{\n  \"version\": 1,\n  \"x\": 1\n}")
    try place.file(PinFolder.path + "/other name.json", "{}")
    try place.file(PinFolder.path + "/.hidden.json", "{}")
    let listing = place.pins.all()
    #expect(listing.pins.map(\.name) == ["good"])
    #expect(listing.names == ["bad", "good", "other name"])
    #expect(listing.errors.count == 2)
    #expect(listing.errors.flatMap(\.names) == ["bad", "other name"])
  }

  @Test func twoPinsOfOneFunctionAreBothInDoubt() throws {
    let place = try Place()
    try place.pins.write(Self.pin("one", "0000:01:01"))
    try place.pins.write(Self.pin("two", "0000:01:01"))
    try place.pins.write(Self.pin("three", "0000:01:03", serial: "00-0a-35-ff-ff-00-00-01"))
    // Another place, and the same card by its number.
    try place.pins.write(Self.pin("four", "0000:01:04", serial: "00-0a-35-ff-ff-00-00-01"))
    try place.pins.write(Self.pin("five", "0000:01:05"))
    let listing = place.pins.all()
    #expect(listing.pins.map(\.name) == ["five"])
    #expect(listing.errors.map { Set($0.names) } == [["four", "three"], ["one", "two"]])
  }

  @Test func aFolderThatOthersMayWriteIsNotRead() throws {
    let place = try Place()
    try place.pins.write(Self.pin("one", "0000:01:01"))
    #expect(chmod(place.path + PinFolder.path, 0o757) == 0)
    let listing = place.pins.all()
    #expect(!listing.isFolderUsable && listing.pins == [])
    #expect(throws: PinError.self) { try place.pins.write(Self.pin("two", "0000:01:02")) }
    #expect(throws: PinError.self) { try place.pins.remove("one") }
  }

  @Test func theFilesModeIsSetWhateverTheUmask() throws {
    let place = try Place()
    try place.pins.write(Self.pin("one", "0000:01:01"))
    #expect(try Root(place.path).rights(PinFolder.file("one")).mode == 0o644)
  }
}
