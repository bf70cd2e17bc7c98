import Testing

@testable import PCI

@Suite struct HeaderTests {
  @Test func identificationIsRead() {
    let space = Registers().space
    #expect(space.vendorID == .known(0x10ee))
    #expect(space.deviceID == .known(0x5000))
    #expect(space.revision == .known(1))
    #expect(space.classCode == .known(ClassCode(0x120000)))
    #expect(space.headerType == .known(0))
    #expect(space.isMultifunction == .known(false))
    #expect(space.bridgeBuses == .absent)
    #expect(!space.isAllOnes)
  }

  @Test(arguments: [(UInt8(0x81), UInt8(1)), (0x02, 2), (0x80, 0)])
  func headerTypeIsWithoutTheMultifunctionBit(byte: UInt8, type: UInt8) {
    var registers = Registers()
    registers.byte(0x0e, byte)
    #expect(registers.space.headerType == .known(type))
    #expect(registers.space.isMultifunction == .known(byte & 0x80 != 0))
  }

  @Test(arguments: [UInt8(1), 2]) func bridgesHaveBuses(type: UInt8) {
    var registers = Registers()
    registers.byte(0x0e, type)
    registers.byte(0x19, 3)
    registers.byte(0x1a, 9)
    #expect(registers.space.bridgeBuses == .known(BridgeBuses(secondary: 3, subordinate: 9)))
    #expect(registers.space(first: 0x1a).bridgeBuses == .unknown)
  }

  @Test func subsystemStandsWhereTheHeaderTypeHasIt() {
    var registers = Registers()
    registers.set(0x2c, 0x1043, 0x8694)
    #expect(registers.space.subsystem == .known(DeviceID(vendor: 0x1043, device: 0x8694)))
    registers.byte(0x0e, 1)
    #expect(registers.space.subsystem == .absent)
    registers.chain([(0x0d, 0x50)])
    registers.set(0x54, 0x8086, 0x7270)
    #expect(registers.space.subsystem == .known(DeviceID(vendor: 0x8086, device: 0x7270)))
    #expect(registers.space(first: 64).subsystem == .unknown)
    registers.byte(0x0e, 2)
    registers.set(0x40, 0x17aa, 0x20c6)
    #expect(registers.space.subsystem == .known(DeviceID(vendor: 0x17aa, device: 0x20c6)))
  }

  @Test(arguments: [64, 256, 4096]) func allOnesSayNothing(size: Int) {
    let space = ConfigurationSpace(Array(repeating: 0xff, count: size))
    #expect(space.isAllOnes)
    #expect(space.headerType == .unknown)
    #expect(space.vendorID == .unknown)
    #expect(space.classCode == .unknown)
    #expect(space.capabilities == .unknown)
    #expect(space.extendedCapabilities == .unknown)
    #expect(space.functionLevelReset == .unknown)
    #expect(space.powerManagementReset == .unknown)
    #expect(space.link == .unknown)
    #expect(space.serialNumber == .unknown)
  }

  /// A VF's id registers read all ones by the specification; it is not dead.
  @Test func aVirtualFunctionIsNotDead() {
    var registers = Registers()
    registers.set(0x00, 0xffff, 0xffff)
    registers.express()
    registers.double(0x44, 1 << 28)
    #expect(!registers.space.isAllOnes)
    #expect(registers.space.vendorID == .known(0xffff))
    #expect(registers.space.functionLevelReset == .known(true))
  }

  @Test(arguments: [0, 3, 64, 256, 4096])
  func whatIsBeyondTheBytesIsUnknown(size: Int) {
    var full = Registers()
    full.express()
    full.double(0x44, 1 << 28)
    full.extended([(0x03, 0x100)])
    let space = full.space(first: size)
    #expect(space.vendorID == (size < 2 ? .unknown : .known(0x10ee)))
    #expect(space.deviceID.isUnknown == (size < 4))
    #expect(space.classCode.isUnknown == (size < 12))
    #expect(space.headerType.isUnknown == (size < 0x0f))
    #expect(space.capabilities.isUnknown == (size <= 64))
    #expect(space.functionLevelReset.isUnknown == (size <= 64))
    #expect(space.extendedCapabilities.isUnknown == (size <= 256))
    #expect(space.serialNumber.isUnknown == (size <= 256))
    #expect(!space.isAllOnes)
  }
}

@Suite struct ChainTests {
  private func offsets(_ registers: Registers) -> [Int]? { registers.space.capabilities.value?.map(\.offset) }

  @Test func isFollowedInItsOwnOrder() {
    var registers = Registers()
    registers.chain([(0x01, 0x80), (0x05, 0x50), (0x10, 0x60)])
    #expect(offsets(registers) == [0x80, 0x50, 0x60])
    #expect(registers.space.capabilities.value?.map(\.id.name) == ["pm", "msi", "pcie"])
  }

  @Test func withoutTheStatusBitThereIsNone() {
    var registers = Registers()
    registers.chain([(0x01, 0x80)])
    registers.set(0x06, 0)
    #expect(registers.space.capabilities == .known([]))
    #expect(registers.space.extendedCapabilities == .known([]))
  }

  @Test func cardBusHasItsPointerElsewhere() {
    var registers = Registers()
    registers.byte(0x0e, 2)
    registers.chain([(0x01, 0xa0)], pointer: 0x14)
    #expect(offsets(registers) == [0xa0])
  }

  @Test(arguments: [UInt8(0x80), 0x50, 0x60, 0x82]) func aLoopEndsWhereItMeetsItself(back: UInt8) {
    var registers = Registers()
    registers.chain([(0x01, 0x80), (0x05, 0x50), (0x10, 0x60)], end: back)
    #expect(offsets(registers) == [0x80, 0x50, 0x60])
  }

  @Test(arguments: [UInt8(0x04), 0x34, 0x3c, 0x3f]) func aPointerIntoTheHeaderEndsIt(into: UInt8) {
    var registers = Registers()
    registers.chain([(0x01, 0x80)], end: into)
    #expect(offsets(registers) == [0x80])
    registers.chain([], end: into)
    #expect(offsets(registers) == [])
  }

  @Test func reservedBitsOfAPointerAreMasked() {
    var registers = Registers()
    registers.chain([(0x01, 0x80), (0x05, 0x50)])
    registers.byte(0x34, 0x83)
    registers.byte(0x81, 0x51)
    #expect(offsets(registers) == [0x80, 0x50])
  }

  @Test func anAbsentRegisterEndsIt() {
    var registers = Registers()
    registers.chain([(0x01, 0x80), (0xff, 0xf0)], end: 0xff)
    #expect(offsets(registers) == [0x80])
  }

  /// 64 bytes are what the kernel shows without privilege.
  @Test func truncatedIsUnknown() {
    var registers = Registers()
    registers.chain([(0x01, 0x40), (0x10, 0xf0)])
    for size in [64, 65, 0xf0, 0xf1] { #expect(registers.space(first: size).capabilities == .unknown, "\(size)") }
    #expect(registers.space(first: 0xf2).capabilities.value?.count == 2)
    registers.set(0x06, 0)
    #expect(registers.space(first: 64).capabilities == .known([]))
  }

  @Test func aPlaceAtTheVeryEndIsRead() {
    var registers = Registers(size: 256)
    registers.chain([(0x13, 0xfc)])
    #expect(offsets(registers) == [0xfc])
    registers.byte(0xff, 3)
    #expect(registers.space.advancedFeaturesReset == .known(true))
  }

  @Test func theLongestChainIsWhole() {
    var registers = Registers()
    let places = Array(stride(from: 0x40, to: 0x100, by: 4))
    registers.chain(places.map { (0x09, $0) }, end: 0x40)
    #expect(offsets(registers) == places)
  }
}

@Suite struct ExtendedChainTests {
  private func express() -> Registers {
    var registers = Registers()
    registers.express()
    return registers
  }

  private func offsets(_ registers: Registers) -> [Int]? { registers.space.extendedCapabilities.value?.map(\.offset) }

  @Test func isFollowedInItsOwnOrder() {
    var registers = express()
    registers.extended([(0x01, 0x100), (0x10, 0xffc), (0x0d, 0x200)])
    #expect(offsets(registers) == [0x100, 0xffc, 0x200])
    #expect(registers.space.extendedCapabilities.value?.map(\.id.name) == ["aer", "sr-iov", "acs"])
    #expect(registers.space.extendedCapabilities.value?.map(\.version) == [1, 1, 1])
  }

  @Test(arguments: [UInt32(0), .max]) func anEmptyFirstEntryIsNone(entry: UInt32) {
    var registers = express()
    registers.double(0x100, entry)
    #expect(registers.space.extendedCapabilities == .known([]))
  }

  @Test(arguments: [UInt32(0x100), 0x200, 0x203]) func aLoopEndsWhereItMeetsItself(back: UInt32) {
    var registers = express()
    registers.extended([(0x01, 0x100), (0x0d, 0x200)], end: back)
    #expect(offsets(registers) == [0x100, 0x200])
  }

  @Test(arguments: [UInt32(0x0fc), 0x040, 0x004]) func aPointerBelowEndsIt(into: UInt32) {
    var registers = express()
    registers.extended([(0x01, 0x100)], end: into)
    #expect(offsets(registers) == [0x100])
  }

  @Test func truncatedIsUnknown() {
    var registers = express()
    registers.extended([(0x01, 0x100), (0x0d, 0x200)])
    for size in [256, 0x103, 0x200, 0x203] {
      #expect(registers.space(first: size).extendedCapabilities == .unknown, "\(size)")
    }
    #expect(registers.space(first: 0x204).extendedCapabilities.value?.count == 2)
  }

  @Test func conventionalFunctionsHaveNone() {
    var registers = Registers(size: 256)
    registers.chain([(0x01, 0x40)])
    #expect(registers.space.extendedCapabilities == .known([]))
    #expect(registers.space.accessControl == .absent)
    #expect(registers.space.totalVFs == .absent)
  }

  /// `pci_cfg_space_size`: of PCI-X only 266 and 533 MHz have 4096 bytes.
  @Test(arguments: [(UInt32(0), true), (1 << 30, false), (1 << 31, false), (0x3fff_ffff, true)])
  func pciXHasThemInModeTwo(status: UInt32, isConventional: Bool) {
    var registers = Registers(size: 256)
    registers.chain([(0x07, 0x40)])
    registers.double(0x44, status)
    #expect(registers.space.extendedCapabilities == (isConventional ? .known([]) : .unknown))
  }
}

@Suite struct CapabilityFactTests {
  private func express(_ type: PortType = .endpoint) -> Registers {
    var registers = Registers()
    registers.express(type)
    return registers
  }

  @Test func functionLevelResetIsBit28() {
    var registers = express()
    registers.double(0x44, ~(1 << 28))
    #expect(registers.space.functionLevelReset == .known(false))
    registers.double(0x44, 1 << 28)
    #expect(registers.space.functionLevelReset == .known(true))
    #expect(Registers().space.functionLevelReset == .known(false))
  }

  @Test(arguments: [(UInt8(0), false), (1, false), (2, false), (3, true), (0xfc, false), (0xff, true)])
  func advancedFeaturesWantBothBits(byte: UInt8, resets: Bool) {
    var registers = Registers()
    registers.chain([(0x13, 0x50)])
    registers.byte(0x53, byte)
    #expect(registers.space.advancedFeaturesReset == .known(resets))
    #expect(Registers().space.advancedFeaturesReset == .known(false))
  }

  @Test(arguments: [(UInt16(0), true), (8, false), (0xfff7, true), (0xffff, false)])
  func powerManagementResetsWhereNoSoftResetIsClear(control: UInt16, resets: Bool) {
    var registers = Registers()
    registers.chain([(0x01, 0x50)])
    registers.set(0x54, control)
    #expect(registers.space.powerManagementReset == .known(resets))
    #expect(Registers().space.powerManagementReset == .known(false))
  }

  @Test(arguments: [(1, 25), (2, 50), (3, 80), (4, 160), (5, 320), (6, 640), (0, nil), (7, nil), (15, nil)])
  func linkSpeedsAreInTenths(code: Int, tenths: Int?) {
    var registers = express()
    registers.double(0x4c, UInt32(code) | 16 << 4 | 5 << 24)
    registers.set(0x52, UInt16(code) | 8 << 4)
    #expect(
      registers.space.link == .known(Link(port: 5, maxSpeed: tenths, maxWidth: 16, speed: tenths, width: 8)))
  }

  @Test(arguments: 0..<16) func insideTheRootComplexThereIsNoLink(code: Int) {
    let type = PortType(rawValue: UInt8(code))
    let space = express(type).space
    #expect(space.portType == .known(type))
    #expect(space.link.isAbsent == (type == .rootComplexEndpoint || type == .eventCollector))
  }

  @Test func aConventionalFunctionHasNoLink() { #expect(Registers().space.link == .absent) }

  @Test func routingIsOfPortsAbove() {
    for type in [PortType.rootPort, .downstream] {
      var registers = express(type)
      #expect(registers.space.alternativeRouting == .known(AlternativeRouting(supported: false, enabled: false)))
      registers.double(0x64, 1 << 5)
      #expect(registers.space.alternativeRouting == .known(AlternativeRouting(supported: true, enabled: false)))
      registers.set(0x68, 1 << 5)
      #expect(registers.space.alternativeRouting == .known(AlternativeRouting(supported: true, enabled: true)))
      registers.set(0x42, UInt16(type.rawValue) << 4 | 1)
      #expect(registers.space.alternativeRouting == .absent)
    }
    for type in [PortType.endpoint, .upstream, .toConventional, .rootComplexEndpoint] {
      #expect(express(type).space.alternativeRouting == .absent)
    }
  }

  @Test func accessControlHasItsNames() {
    var registers = express()
    registers.extended([(0x01, 0x100), (0x0d, 0x140)])
    registers.set(0x144, 0xff7f, 0x1d)
    #expect(registers.space.accessControl.value?.capability.names == ["SV", "TB", "RR", "CR", "UF", "EC", "DT"])
    #expect(registers.space.accessControl.value?.control.names == ["SV", "RR", "CR", "UF"])
    #expect(registers.space.accessControl.value?.control == .isolating)
    #expect(registers.space.accessControl.value?.capability.rawValue == 0x7f)
  }

  @Test func totalsOfSingleRootAreRead() {
    var registers = express()
    registers.extended([(0x01, 0x100), (0x10, 0x160)])
    registers.set(0x16e, 64)
    #expect(registers.space.totalVFs == .known(64))
    #expect(express().space.totalVFs == .absent)
  }

  @Test func serialNumberIsAsLspciPrintsIt() {
    var registers = express()
    registers.extended([(0x03, 0x100)])
    registers.double(0x104, 0xff00_0001)
    registers.double(0x108, 0x000a_35ff)
    #expect(registers.space.serialNumber == .known("00-0a-35-ff-ff-00-00-01"))
    #expect(express().space.serialNumber == .absent)
    #expect(registers.space(first: 0x108).serialNumber == .unknown)
  }
}

@Suite struct RandomConfigurationTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return mixed ^ mixed >> 31
    }
  }

  /// Every fact of any bytes can be read, and each read ends.
  @Test func anyBytesAreReadToAnEnd() {
    var reached = 0
    var chains = 0
    for seed in 0..<10_000 {
      var generator = Generator(state: UInt64(seed))
      let size = [0, 3, 64, 255, 256, 257, 4096][seed % 7]
      var bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      if seed % 3 == 0, size > 0x44 {
        // A list, and a PCI Express capability to start with.
        bytes[0x06] |= 0x10
        bytes[0x0e] &= 0x81
        bytes[0x34] = 0x40
        bytes[0x40] = 0x10
      }
      let space = ConfigurationSpace(bytes)
      let count = space.capabilities.value?.count ?? 0
      let more = space.extendedCapabilities.value?.count ?? 0
      _ = (space.subsystem, space.bridgeBuses, space.classCode, space.isMultifunction)
      _ = (space.functionLevelReset, space.advancedFeaturesReset, space.powerManagementReset)
      _ = (space.link, space.alternativeRouting, space.accessControl, space.totalVFs, space.serialNumber)
      #expect(count <= 48 && more <= 960)
      if count > 0 { chains += 1 }
      reached += 1
    }
    print("CONFIGURATIONS: 10000 cases, \(reached) reached, \(chains) with a chain")
    #expect(reached == 10_000)
    #expect(chains >= 1_000)
  }
}
