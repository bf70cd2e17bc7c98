import Host
import PCI
import Testing

@testable import Pins

/// The functions that the host uses, known in an initramfs from the image's record alone.
@Suite struct EssentialFunctionsTests {
  private static let root = PinnedFunction(
    address: address(1), path: "0000:00/01.0/00.0", vendorID: 0x144d, deviceID: 0xa808)
  private static let record = EssentialFunctions(
    functions: [root],
    uses: [Use(.mount(device: "/dev/nvme0n1p2", on: Use.MountPoint("/")), of: root.address, chain: [])], unknown: [],
    at: "")

  /// The function of a device of its own on that bus.
  private static func address(_ bus: UInt8) -> Address { Address(domain: 0, routingID: UInt16(bus) << 8) }

  private static func host(_ functions: [Function]) -> Host {
    Host(functions: functions, groups: [:], groupsReadable: true, rootBuses: .unknown)
  }

  /// A disk of the root's kind, or another, below a port of that number.
  private func disk(_ bus: UInt8, port: String, device: UInt16 = 0xa808) -> Function {
    var function = Function(address: Self.address(bus))
    function.vendorID = .known(0x144d)
    function.deviceID = .known(device)
    function.devicePath = .known("pci0000:00/0000:00:\(port).0/\(Self.address(bus))")
    return function
  }

  private func isStoodOn(_ function: Function, among others: [Function]) -> Bool {
    Self.record?.use(of: function, in: Self.host([function] + others)) != nil
  }

  @Test func theDiskAtTheRecordedPlaceIsTheHosts() {
    #expect(isStoodOn(disk(1, port: "01"), among: [disk(2, port: "02")]))
    #expect(isStoodOn(disk(7, port: "01"), among: []), "buses are numbered anew, places are not")
  }

  @Test func itsTwinIsNotWhileOneIsLeftThere() {
    #expect(!isStoodOn(disk(2, port: "02"), among: [disk(1, port: "01")]))
  }

  @Test func onceThePlaceIsEmptyAnyOfItsKindMayBeIt() {
    #expect(isStoodOn(disk(2, port: "02"), among: []))
    #expect(isStoodOn(disk(2, port: "02"), among: [disk(1, port: "01", device: 0xa809)]))
  }

  @Test func anotherKindNeverIs() {
    #expect(!isStoodOn(disk(1, port: "01", device: 0xa809), among: []))
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let text = try #require(Self.record).text
    let read = try #require(EssentialFunctions(bytes: Array(text.utf8)))
    let function = disk(1, port: "01")
    #expect(read.use(of: function, in: Self.host([function]))?.subject == "mount /dev/nvme0n1p2 /")
    #expect(EssentialFunctions(bytes: Array("{".utf8)) == nil)
  }
}
