import Host
import PCI
import Testing

@testable import Checks

private let first = Small.first

/// What the chipset has for itself, and what it or a card has for a guest as well.
@Suite struct ChipsetTests {
  private func isChipset(_ host: Host) throws -> Bool {
    let function = try #require(host[first])
    let isRefused = Verdict(of: function, in: host) == .refused
    let finding = Case { $0.host = host }.finding(.hostChipset)
    #expect(isRefused == (finding != nil))
    #expect(finding == nil || finding?.isForceable == true)
    return isRefused
  }

  @Test(arguments: [
    0x060100, 0x050000, 0x058000, 0x080020, 0x080200, 0x080600, 0x080700, 0x088000, 0x0c0500, 0x0c8000, 0x068000,
    0x110100,
  ])
  func ownOnARootBus(code: Int) throws {
    #expect(try isChipset(Small.onRootBus(UInt32(code))))
    // The same class behind a port: a card, such as an accelerator that calls itself a memory controller.
    #expect(try !isChipset(Small.card { $0.classCode = .known(ClassCode(UInt32(code))) }))
  }

  @Test(arguments: [
    0x0c0330, 0x0c0340, 0x040300, 0x020000, 0x028000, 0x010601, 0x010802, 0x080501, 0x030000, 0x120000, 0x0b4000,
    0x118000,
  ])
  func whatAGuestMayHave(code: Int) throws {
    #expect(try !isChipset(Small.onRootBus(UInt32(code))))
  }

  @Test func theManagementEngineHasASerialLine() throws {
    func verdict(_ vendor: UInt16, _ code: UInt32 = 0x078000, at text: String = "0000:00:03.0") -> Verdict? {
      let place = Small.address(text)
      let host = Small.host([
        Small.function(place) {
          $0.classCode = .known(ClassCode(code))
          $0.vendorID = .known(vendor)
        }
      ])
      return host[place].flatMap { Verdict(of: $0, in: host) }
    }
    #expect(verdict(0x8086) == .refused && verdict(0x8086, at: "0000:00:16.0") == .refused)
    #expect(verdict(0x8086, 0x070002, at: "0000:00:16.3") == .refused)
    // A serial controller for others.
    #expect(verdict(0x8086, 0x070003, at: "0000:00:1e.0") == .candidate)
    // virtio's console.
    #expect(verdict(0x1af4) == .candidate)
  }

  @Test func theSecurityProcessorIsBehindAnInternalBridge() throws {
    func host(_ vendor: UInt16) -> Host {
      Small.card {
        $0.classCode = .known(ClassCode(0x108000))
        $0.vendorID = .known(vendor)
      }
    }
    #expect(try isChipset(host(0x1022)) && isChipset(host(0x1d94)))
    // An encryption card.
    #expect(try !isChipset(host(0x177d)))
  }

  @Test func enginesOfTheProcessorAndOfVirtualMachinesAreNot() throws {
    for device: UInt16 in [0x2f20, 0x2f27, 0x2021, 0x0b00, 0x0b25] {
      #expect(try !isChipset(Small.onRootBus(0x088000, device: device)))
    }
    // Between the engines' ids is system management.
    for device: UInt16 in [0x2f28, 0x2f2c] { #expect(try isChipset(Small.onRootBus(0x088000, device: device))) }
    #expect(try !isChipset(Small.onRootBus(0x050000, vendor: 0x1af4, device: 0x1110)))
  }

  @Test func aCaptureWithoutRootBusesGoesByTheNumber() throws {
    var host = Small.host([
      Small.function(Small.address("0000:00:1f.4")) {
        $0.classCode = .known(ClassCode(0x0c0500))
        $0.devicePath = .unknown
      }
    ])
    host.rootBuses = .unknown
    #expect(Verdict(of: host.functions[0], in: host) == .refused)
    var card = Small.card {
      $0.classCode = .known(ClassCode(0x0c0500))
      $0.devicePath = .unknown
    }
    card[Small.second]?.devicePath = .unknown
    card.rootBuses = .unknown
    #expect(try !isChipset(card))
  }
}
