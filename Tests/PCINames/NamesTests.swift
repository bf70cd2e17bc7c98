import Foundation
import PCI
import System
import TestSupport
import Testing

@testable import PCINames

private let table = """
  10ee  Xilinx Corporation
  \t5000  Alveo U200
  \t\t10ee 000e  Golden image
  10de  NVIDIA Corporation
  C 12  Processing accelerators
  \t00  Processing accelerators
  C 01  Mass storage controller
  \t08  Non-Volatile memory controller
  """

@Suite struct NamesTests {
  let names = Names(Array(table.utf8))
  let card = DeviceID(vendor: 0x10ee, device: 0x5000)

  @Test func knownNamesAreAsTheTableSpellsThem() {
    #expect(names.vendor(0x10ee) == "Xilinx Corporation")
    #expect(names.device(card) == "Alveo U200")
    #expect(names.subsystem(of: card, DeviceID(vendor: 0x10ee, device: 0x000e)) == "Golden image")
    #expect(names.className(ClassCode(0x120000)) == "Processing accelerators")
    #expect(names.className(ClassCode(0x010802)) == "Non-Volatile memory controller")
  }

  @Test func unknownNamesAreNil() {
    #expect(names.vendor(0x1234) == nil)
    #expect(names.device(DeviceID(vendor: 0x10de, device: 0x5000)) == nil)
    #expect(names.device(DeviceID(vendor: 0x1234, device: 0x5000)) == nil)
    #expect(names.subsystem(of: card, DeviceID(vendor: 0x10ee, device: 0xffff)) == nil)
  }

  @Test func aSubclassWithoutALineIsShownByNumber() {
    #expect(names.className(ClassCode(0x01ff00)) == "Mass storage controller [01ff]")
  }

  @Test func withoutATableBaseClassesStillHaveNames() {
    let none = Names([])
    #expect(none.vendor(0x10ee) == nil)
    #expect(none.className(ClassCode(0x120000)) == "Processing accelerators")
    #expect(none.className(ClassCode(0x770000)) == nil)
  }

  @Test(arguments: [
    "10ee", "10ee Xilinx", "\t5000  No vendor\n", "zzzz  Not hex\n", "10ee  A\n10ee  A\n", "10ee  Xilinx\n\t50",
    "\u{0}\u{0}\u{0}", "C 1", String(repeating: "x", count: 1 << 20),
    "10ee  " + String(repeating: "x", count: 5000) + "\n",
  ]) func aBrokenTableIsNoCrash(_ text: String) {
    let names = Names(Array(text.utf8))
    _ = names.vendor(0x10ee)
    #expect(names.device(DeviceID(vendor: 0x10ee, device: 0x5000)) == nil)
    #expect(names.className(ClassCode(0x020000)) == "Network controller")
  }

  @Test func whatWasReadBeforeABrokenLineIsKept() {
    let names = Names(Array("10ee  Xilinx Corporation\nbroken\n".utf8))
    #expect(names.vendor(0x10ee) == "Xilinx Corporation")
  }

  @Test func bytesThatAreNotTextAreRepaired() {
    let names = Names(Array("10ee  Xil".utf8) + [0xff, 0x1b] + Array("inx\n".utf8))
    #expect(names.vendor(0x10ee) == "Xil\u{fffd}\u{fffd}inx")
  }
}

/// Names for a capture come from its own file, through links that stay inside.
@Suite struct CaptureNamesTests {
  private static let table = "/usr/share/misc/pci.ids"

  private func names(_ prepare: (Scratch) throws -> Void) throws -> Names {
    let capture = try Scratch()
    try prepare(capture)
    let names = Names(root: capture.root)
    // The table is read at the first question, and stays.
    _ = names.vendor(0)
    return names
  }

  @Test func aCapturesOwnTableIsUsed() throws {
    let names = try names { try $0.file(Self.table, "10ee  Mine\n") }
    #expect(names.vendor(0x10ee) == "Mine")
    #expect(names.vendor(0x8086) == nil)
  }

  @Test func withoutOneThisMachinesIs() throws {
    #expect(try names { _ in }.vendor(0x8086) == "Intel Corporation")
  }

  @Test func aLinkIsFollowedInsideOnly() throws {
    let outside = try Scratch()
    try outside.file("/pci.ids", "10ee  Outside\n")
    let names = try names { try $0.link(Self.table, to: outside.path + "/pci.ids") }
    #expect(names.vendor(0x10ee) != "Outside")
  }

  @Test func aDirectoryACompressedAndAnEndlessTableHaveNoNames() throws {
    let folder = try names { try $0.folder(Self.table) }
    #expect(folder.vendor(0x8086) == nil)
    let compressed = try names { try $0.file(Self.table, [0x1f, 0x8b, 8, 0]) }
    #expect(compressed.vendor(0x8086) == nil)
    let long = try names { try $0.file(Self.table, [UInt8](repeating: 0, count: 7 << 20)) }
    #expect(long.vendor(0x8086) == nil)
    #expect(long.className(ClassCode(0x060000)) == "Bridge")
  }
}
