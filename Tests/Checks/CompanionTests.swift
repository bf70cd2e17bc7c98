import Host
import PCI
import Testing

@testable import Checks

/// Which functions are of one card, and which only share a slot.
@Suite struct CompanionTests {
  private static func function(
    _ text: String, _ code: UInt32, _ vendor: UInt16, _ change: (inout Function) -> Void = { _ in }
  )
    -> Function
  {
    Small.function(Small.address(text)) {
      $0.classCode = .known(ClassCode(code))
      $0.vendorID = .known(vendor)
      $0.iommuGroup = .known(20 + Int($0.address.routingID))
      change(&$0)
    }
  }

  private func companions(of text: String, among functions: [Function]) -> [String] {
    let host = Small.host([Small.bridge] + functions)
    return host[Small.address(text)].map { SplitCompanion.companions(of: $0, in: host).map(\.address.description) }
      ?? []
  }

  @Test func anAPUsGraphicsHasItsAudioAndNotTheChipsUSB() {
    let functions = [
      Self.function("0000:01:00.0", 0x030000, 0x1002), Self.function("0000:01:00.1", 0x040300, 0x1002),
      Self.function("0000:01:00.2", 0x108000, 0x1022), Self.function("0000:01:00.3", 0x0c0330, 0x1022),
      Self.function("0000:01:00.6", 0x040300, 0x1022),
    ]
    #expect(companions(of: "0000:01:00.0", among: functions) == ["0000:01:00.1"])
    #expect(companions(of: "0000:01:00.1", among: functions) == ["0000:01:00.0"])
    #expect(companions(of: "0000:01:00.3", among: functions) == [])
    #expect(companions(of: "0000:01:00.6", among: functions) == [])
  }

  @Test func aCardHasAllFourOfItsVendor() {
    for vendor: UInt16 in [0x10de, 0x1002] {
      let functions = zip([0x030000, 0x040300, 0x0c0330, 0x0c8000] as [UInt32], 0...).map {
        Self.function("0000:01:00.\($1)", $0, vendor)
      }
      for number in 0...3 { #expect(companions(of: "0000:01:00.\(number)", among: functions).count == 3) }
    }
  }

  @Test func aManagementControllersFunctionsAreNoCard() {
    let functions = [
      Self.function("0000:01:00.0", 0x088000, 0x103c), Self.function("0000:01:00.1", 0x030000, 0x102b),
      Self.function("0000:01:00.2", 0x088000, 0x103c), Self.function("0000:01:00.4", 0x0c0300, 0x103c),
    ]
    for number in [0, 1, 2, 4] { #expect(companions(of: "0000:01:00.\(number)", among: functions) == []) }
  }

  @Test func virtualFunctionsAreNotOfThePhysicalOnesCard() {
    let physical = Small.address("0000:01:00.0")
    let functions = [
      Self.function("0000:01:00.0", 0x030200, 0x10de) { $0.virtualFunctions = [Small.address("0000:01:00.4")] },
      Self.function("0000:01:00.4", 0x030200, 0x10de) { $0.physicalFunction = .unknown },
      Self.function("0000:01:00.5", 0x030200, 0x10de) { $0.physicalFunction = .known(physical) },
    ]
    for number in [0, 4, 5] { #expect(companions(of: "0000:01:00.\(number)", among: functions) == []) }
  }

  /// Neither by the group nor by the reset: `has-vfs` tells what must go first.
  @Test func itsOwnVirtualFunctionsAreNotMissing() {
    let physical = Small.address("0000:01:00.0")
    let host = Small.host([
      Small.bridge,
      Self.function("0000:01:00.0", 0x030200, 0x10de) {
        $0.virtualFunctions = [Small.address("0000:01:00.4")]
        $0.kernelResetMethods = .absent
        $0.iommuGroup = .known(30)
      },
      Self.function("0000:01:00.4", 0x030200, 0x10de) {
        $0.physicalFunction = .known(physical)
        $0.iommuGroup = .known(30)
      },
    ])
    let found = Case {
      $0.host = host
      $0.set = [physical]
    }.assessment
    #expect(found.missing == [])
    #expect(Set(found.findings.map(\.code)) == [.hasVFs, .vfWithoutPF])
    // A PF in its VF's group blocks it, and cannot move with it: its driver takes the VF away.
    let virtual = Case {
      $0.host = host
      $0.set = [Small.address("0000:01:00.4")]
    }.assessment
    #expect(virtual.missing.isEmpty && virtual.findings.contains { $0.code == .groupBlocked })
  }

  @Test func deviceLinksLeadToOtherBuses() {
    let far = Small.address("0000:05:00.0")
    for isSupplier in [true, false] {
      let functions = [
        Self.function("0000:01:00.0", 0x120000, 0x10ee) {
          if isSupplier { $0.suppliers = [far] } else { $0.consumers = [far] }
        }, Self.function("0000:05:00.0", 0x0c0330, 0x8086),
      ]
      #expect(companions(of: "0000:01:00.0", among: functions) == ["0000:05:00.0"])
    }
  }

  @Test func aCardsOwnSwitchLeadsToItsAudio() {
    let root = "/sys/devices/pci0000:00/0000:00:01.0"
    func port(_ text: String, _ path: String, _ vendor: UInt16, _ buses: BridgeBuses) -> Function {
      Self.function(text, 0x060400, vendor) {
        $0.devicePath = .known(path)
        $0.driver = .known("pcieport")
        $0.configuration = .unknown
        $0.bridgeBuses = .known(buses)
      }
    }
    func functions(_ vendor: UInt16) -> [Function] {
      [
        port("0000:01:00.0", "\(root)/0000:01:00.0", vendor, BridgeBuses(secondary: 2, subordinate: 4)),
        port(
          "0000:02:01.0", "\(root)/0000:01:00.0/0000:02:01.0", vendor, BridgeBuses(secondary: 3, subordinate: 3)),
        port(
          "0000:02:04.0", "\(root)/0000:01:00.0/0000:02:04.0", vendor, BridgeBuses(secondary: 4, subordinate: 4)),
        Self.function("0000:03:00.0", 0x030000, 0x8086) {
          $0.devicePath = .known("\(root)/0000:01:00.0/0000:02:01.0/0000:03:00.0")
        },
        Self.function("0000:04:00.0", 0x040300, 0x8086) {
          $0.devicePath = .known("\(root)/0000:01:00.0/0000:02:04.0/0000:04:00.0")
        },
      ]
    }
    #expect(companions(of: "0000:03:00.0", among: functions(0x8086)) == ["0000:04:00.0"])
    #expect(companions(of: "0000:04:00.0", among: functions(0x8086)) == ["0000:03:00.0"])
    // A switch of another maker may have any cards behind it.
    #expect(companions(of: "0000:03:00.0", among: functions(0x10b5)) == [])
  }
}
