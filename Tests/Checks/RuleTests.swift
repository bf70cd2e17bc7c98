import Host
import PCI
import Testing

@testable import Checks

/// One case of the contract's table: what is wrong, and what the rule must say of it.
struct Expected: Sendable, CustomTestStringConvertible {
  let code: FindingCode
  let severity: Finding.Severity
  let isForceable: Bool
  let functions: [Address]
  let wrong: @Sendable (inout Case) -> Void
  /// Nearly the same, and in order.
  let right: @Sendable (inout Case) -> Void
  var testDescription: String { code.rawValue }

  typealias Change = @Sendable (inout Case) -> Void

  init(
    _ code: FindingCode, _ severity: Finding.Severity, force: Bool, _ functions: [Address], _ wrong: @escaping Change,
    not right: @escaping Change = { _ in }
  ) {
    self.code = code
    self.severity = severity
    isForceable = force
    self.functions = functions
    self.wrong = wrong
    self.right = right
  }

  /// A finding of the first function.
  init(
    _ code: FindingCode, _ severity: Finding.Severity, force: Bool, _ wrong: @escaping Change,
    not right: @escaping Change = { _ in }
  ) {
    self.init(code, severity, force: force, [Small.first], wrong, not: right)
  }
}

private let first = Small.first
private let second = Small.second

extension Case {
  /// Asks for so many virtual functions of the first function, which has two of four, and one of them is the second.
  mutating func virtual(_ count: Int, _ change: @Sendable (inout Function) -> Void = { _ in }) {
    host = Small.card(
      {
        $0.configuration = .unknown
        $0.virtualFunctionCount = .known(2)
        $0.virtualFunctionLimit = .known(4)
        $0.virtualFunctions = [second]
        change(&$0)
        if $0.virtualFunctionCount.isAbsent { $0.virtualFunctionLimit = .unknown }
      }, { $0.physicalFunction = .known(first) })
    set = [first, second]
    intent = .virtualFunctions(of: first, count: count, driver: nil)
  }
}

extension Case {
  /// The second function is behind the root bus of the first, in a group of its own.
  mutating func removal(set: [Address]) {
    let behind = "/sys/devices/pci0000:00/\(first)/pci0001:00/\(Small.behind)"
    host = Small.host([
      Small.bridge, Small.function(first) { $0.driver = .known("vmd") },
      Small.function(Small.behind) {
        $0.devicePath = .known(behind)
        $0.iommuGroup = .known(20)
      },
    ])
    self.set = set.map { $0 == second ? Small.behind : $0 }
  }
}

let table: [Expected] =
  [
    Expected(.iommuOff, .error, force: false) {
      $0.host = Small.card({ $0.iommuGroup = .absent }, { $0.iommuGroup = .absent })
      $0.host[Small.port]?.iommuGroup = .absent
      $0.host.groups = [:]
    },
    Expected(
      .noGroup, .error, force: false, { $0.host = Small.card { $0.iommuGroup = .absent } },
      not: { $0.host = Small.card({ _ in }, { $0.iommuGroup = .absent }) }),
    Expected(
      .unknownGroup, .error, force: true, { $0.host = Small.card { $0.iommuGroup = .unknown } },
      not: { $0.host = Small.card({ _ in }, { $0.iommuGroup = .unknown }) }),
    Expected(
      .groupBlocked, .error, force: false, [second],
      { $0.host = Small.card({ _ in }, { $0.iommuGroup = .known(10) }) },
      not: {
        $0.host = Small.card(
          { _ in },
          {
            $0.iommuGroup = .known(10)
            $0.driver = .absent
          })
      }),
    Expected(
      .groupBlocked, .error, force: false, [Small.port],
      {
        $0.host[Small.port]?.iommuGroup = .known(10)
        $0.host[Small.port]?.driver = .known("shpchp")
      }, not: { $0.host[Small.port]?.iommuGroup = .known(10) }),
    Expected(
      .groupBlocked, .error, force: false, { $0.host.groups[10]?.others = ["platform.0"] },
      not: { $0.host.groups[11]?.others = ["platform.0"] }),
    Expected(
      .unknownGroup, .error, force: true, [second],
      {
        $0.host = Small.card(
          { _ in },
          {
            $0.iommuGroup = .known(10)
            $0.driver = .unknown
          })
      }, not: { $0.host = Small.card({ _ in }, { $0.driver = .unknown }) }),
    Expected(
      .slotIncomplete, .error, force: true, [second],
      { $0.host = Small.card { $0.kernelResetMethods = .known(["bus"]) } },
      not: { $0.host = Small.card({ _ in }, { $0.kernelResetMethods = .known(["bus"]) }) }),
    Expected(
      .slotIncomplete, .error, force: true, [second],
      {
        $0.host = Small.card({ $0.kernelResetMethods = .absent }, { $0.driver = .known("vfio-pci") })
        $0.usage = Small.use(.vfioOpen, of: second)
      },
      not: { $0.host = Small.card({ $0.kernelResetMethods = .absent }, { $0.driver = .known("vfio-pci") }) }),
    Expected(
      .unknownReset, .error, force: true,
      {
        $0.host = Small.card {
          $0.kernelResetMethods = .unknown
          $0.configuration = .unknown
        }
      }, not: { $0.host = Small.card { $0.kernelResetMethods = .unknown } }),
    Expected(
      .notEndpoint, .error, force: false, [Small.port], { $0.set = [Small.port] }),
    Expected(
      .notEndpoint, .error, force: false, { $0.host = Small.card { $0.classCode = .known(ClassCode(0x060000)) } },
      not: { $0.host = Small.card { $0.classCode = .known(ClassCode(0x060100)) } }),
    Expected(
      .reservedRegion, .error, force: false,
      { $0.host.groups[10]?.reservedRegions = .known([ReservedRegion(first: 0, last: 4095, kind: "direct")]) },
      not: {
        $0.host.groups[10]?.reservedRegions = .known(
          ["direct-relaxable", "msi", "reserved"].map { ReservedRegion(first: 0, last: 4095, kind: $0) })
      }),
    Expected(
      .unknownReservedRegion, .error, force: true, { $0.host.groups[10]?.reservedRegions = .unknown },
      not: { $0.host.groups[11]?.reservedRegions = .unknown }),
    Expected(
      .noReset, .warning, force: false,
      {
        $0.host = Small.host([
          Small.function(first) {
            $0.kernelResetMethods = .absent
            $0.devicePath = .known("/sys/devices/pci0000:01/\(first)")
          }
        ])
        $0.host.rootBuses = .known([Bus(domain: 0, number: 1)])
      },
      not: { $0.host = Small.card { $0.kernelResetMethods = .absent } }),
    Expected(
      .removesFunctions, .error, force: false, [first, Small.behind],
      { $0.removal(set: [first, second]) }, not: { $0.removal(set: [second]) }),
    Expected(.removesFunctions, .warning, force: false, [first], { $0.removal(set: [first]) }),
    Expected(
      .rootStorage, .error, force: true, { $0.usage = Small.use(.mount) },
      not: { $0.usage = Small.use(.mount, of: second) }),
    Expected(.rootStorage, .error, force: false, { $0.usage = Small.use(.swap, vital: true) }),
    Expected(
      .rootStorage, .error, force: true, { $0.usage = Small.use(.fstab) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      .hasData, .warning, force: false, { $0.usage = Small.use(.signature, idle: true) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      .hasData, .warning, force: false, { $0.usage = Small.use(.partition, idle: true) },
      not: { $0.usage = Small.use(.signature, of: second, idle: true) }),
    Expected(
      .unknownData, .warning, force: false,
      { $0.usage = Usage(unknown: [UnknownUse(function: first, area: .data, reason: "no record")]) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      .hostNetwork, .error, force: true, { $0.usage = Small.use(.networkAddress) },
      not: { $0.usage = Small.use(.ssh, of: second) }),
    Expected(
      .hostNetwork, .warning, force: true, { $0.usage = Small.use(.interface) },
      not: { $0.usage = Small.use(.interface, idle: true) }),
    Expected(
      .hostDisplay, .error, force: true, { $0.usage = Small.use(.framebuffer) },
      not: { $0.usage = Small.use(.framebuffer, idle: true) }),
    Expected(.hostDisplay, .error, force: true, { $0.usage = Small.use(.onlyDisplay) }),
    Expected(
      .hostDisplay, .info, force: true, { $0.usage = Small.use(.drm) },
      not: { $0.usage = Small.use(.drm, idle: true) }
    ),
    Expected(.hostDisplay, .warning, force: true, { $0.usage = Small.use(.bootVGA) }),
    Expected(
      .hostInput, .error, force: true, { $0.usage = Small.use(.keyboard) },
      not: { $0.usage = Small.use(.keyboard, of: second) }),
    Expected(.hostConsole, .error, force: true, { $0.usage = Small.use(.console) }),
    Expected(.hostConsole, .warning, force: true, { $0.usage = Small.use(.watchdog, idle: true) }),
    Expected(
      .hostChipset, .error, force: true,
      { $0.host = Small.onRootBus(0x0c0500) }, not: { $0.host = Small.onRootBus(0x0c0330) }),
    Expected(
      .hostMemory, .error, force: false, { $0.usage = Small.use(.memory) },
      not: { $0.usage = Small.use(.memory, of: second) }),
    Expected(
      .vendorVFIO, .info, force: false,
      {
        $0.host = Small.card {
          $0.driver = .known("nvidia")
          $0.vfioDevice = .known("vfio0")
        }
      },
      not: {
        $0.host = Small.card {
          $0.driver = .known("vfio-pci")
          $0.vfioDevice = .known("vfio0")
        }
      }),
    Expected(
      .unknownSRIOV, .error, force: true,
      {
        $0.host = Small.card {
          $0.configuration = .unknown
          $0.virtualFunctionLimit = .known(7)
        }
      },
      not: {
        $0.host = Small.card {
          $0.configuration = .unknown
          $0.virtualFunctionLimit = .known(7)
          $0.virtualFunctionCount = .known(0)
        }
      }),
    Expected(
      .heldOpen, .error, force: true, { $0.usage = Small.use(.open) },
      not: { $0.usage = Small.use(.open, of: second) }),
    Expected(
      .guestRunning, .error, force: false, { $0.usage = Small.use(.vfioOpen) },
      not: { $0.usage = Small.use(.vfioOpen, of: second) }),
    Expected(.guestRunning, .error, force: false) {
      $0.intent = .release(all: false)
      $0.host = Small.card { $0.driver = .known("vfio-pci") }
      $0.usage = Small.use(.vfioOpen)
    },
    Expected(
      .unknownNamespace, .error, force: true, { $0.doubt = "pid 1 is in another mount namespace" }),
    Expected(
      .hasVFs, .error, force: false,
      { $0.host = Small.card { $0.virtualFunctionCount = .known(2) } },
      not: { $0.host = Small.card { $0.virtualFunctionCount = .known(0) } }),
    Expected(
      .vfWithoutPF, .warning, force: true, [second],
      {
        $0.host = Small.card(
          { $0.virtualFunctions = [second] },
          {
            $0.driver = .absent
            $0.physicalFunction = .known(first)
          })
      }),
    Expected(
      .vfWithoutPF, .error, force: true, [second],
      { $0.host = Small.card({ $0.virtualFunctions = [second] }, { $0.physicalFunction = .known(first) }) }),
    Expected(
      .hasVFs, .warning, force: false, [first, second], { $0.virtual(1) }, not: { $0.virtual(2) }),
    Expected(
      .hasVFs, .error, force: false, [first, second],
      {
        $0.virtual(1)
        $0.usage = Small.use(.vfioOpen, of: second)
      },
      not: {
        $0.virtual(2)
        $0.usage = Small.use(.vfioOpen, of: second)
      }),
    Expected(
      .hostNetwork, .error, force: true, [second],
      {
        $0.virtual(0)
        $0.usage = Small.use(.networkAddress, of: second)
      },
      not: {
        // The physical one stays.
        $0.virtual(0)
        $0.usage = Small.use(.networkAddress, of: first)
      }),
    Expected(.noSRIOV, .error, force: false, { $0.virtual(1) { $0.virtualFunctionCount = .absent } }),
    Expected(
      .noSRIOV, .error, force: false,
      {
        $0.virtual(1) {
          $0.virtualFunctionCount = .absent
          $0.virtualFunctionLimit = .unknown
          $0.physicalFunction = .known(second)
        }
      }),
    Expected(
      .unknownSRIOV, .error, force: true,
      { $0.virtual(1) { $0.virtualFunctionLimit = .unknown } },
      not: { $0.virtual(1) }),
    Expected(.tooManyVFs, .error, force: false, { $0.virtual(5) }, not: { $0.virtual(4) }),
    Expected(
      .noSRIOVDriver, .error, force: false, { $0.virtual(1) { $0.driver = .absent } },
      // There is nothing to do then.
      not: { $0.virtual(2) { $0.driver = .absent } }),
    Expected(
      .noSRIOVDriver, .error, force: false, { $0.virtual(1) { $0.driver = .known("vfio-pci") } },
      not: { $0.virtual(1) }),
    Expected(
      .vfToken, .error, force: false,
      { $0.host = Small.card({ $0.physicalFunction = .known(second) }, { $0.driver = .known("vfio-pci") }) },
      not: { $0.host = Small.card { $0.physicalFunction = .known(second) } }),
    Expected(
      .hasMediatedDevices, .error, force: false,
      { $0.host = Small.card { $0.mediatedDevices = ["4b20d080-1b54-4048-85b3-a6a62d165c01"] } },
      not: { $0.host = Small.card({ _ in }, { $0.mediatedDevices = ["4b20d080-1b54-4048-85b3-a6a62d165c01"] }) }),
    Expected(
      .splitCompanion, .error, force: true, [second],
      {
        $0.host = Small.card(
          { $0.classCode = .known(ClassCode(0x030000)) }, { $0.classCode = .known(ClassCode(0x040300)) })
      },
      not: {
        $0.host = Small.card(
          { $0.classCode = .known(ClassCode(0x020000)) }, { $0.classCode = .known(ClassCode(0x040300)) })
      }),
    Expected(
      .splitCompanion, .error, force: true, [second], { $0.host = Small.card { $0.consumers = [second] } }),
    Expected(
      .denylisted, .error, force: false,
      {
        $0.host = Small.card {
          $0.vendorID = .known(0x8086)
          $0.deviceID = .known(0x0b25)
        }
      },
      not: {
        $0.host = Small.card {
          $0.vendorID = .known(0x8086)
          $0.deviceID = .known(0x0b25)
        }
        $0.around.isDenylistDisabled = .known(true)
      }),
    Expected(
      .driverMismatch, .error, force: false, { $0.matches = [first: .doesNot] },
      not: { $0.matches = [first: .matches] }),
    Expected(
      .unknownDriver, .error, force: true, { $0.matches = [first: .unknown] },
      not: { $0.matches = [second: .unknown] }),
    Expected(
      .driverBound, .error, force: true, { $0.intent = .reset },
      not: {
        $0.intent = .reset
        $0.host = Small.card { $0.driver = .known("vfio-pci") }
      }),
    Expected(.driverBound, .error, force: false) {
      $0.intent = .reset
      $0.usage = Small.use(.mount)
    },
    Expected(.driverBound, .error, force: true) {
      $0.intent = .reset
      $0.usage = Small.use(.block, idle: true)
    },
    Expected(
      .dead, .error, force: false,
      { $0.host = Small.card { $0.configuration = .known(Small.registers(allOnes: true)) } },
      not: { $0.host = Small.card { $0.configuration = .unknown } }),
    Expected(
      .asleep, .warning, force: false, { $0.host = Small.card { $0.powerState = .known("D3cold") } },
      not: { $0.host = Small.card { $0.powerState = .known("D3hot") } }),
    Expected(
      .staleOverride, .warning, force: false,
      {
        $0.host = Small.card {
          $0.driver = .absent
          $0.driverOverride = .known("vfio-pci")
        }
      },
      not: {
        $0.host = Small.card {
          $0.driver = .absent
          $0.driverOverride = .known("vfio-pci")
        }
        $0.held = [first]
      }),
    Expected(
      .staleOverride, .warning, force: false,
      {
        $0.host = Small.card {
          $0.driver = .absent
          $0.driverOverride = .known("vfio-pci")
          $0.physicalFunction = .known(second)
        }
      },
      // A PF on vfio-pci captures its VFs: the kernel's own override.
      not: {
        $0.host = Small.card(
          {
            $0.driver = .absent
            $0.driverOverride = .known("vfio-pci")
            $0.physicalFunction = .known(second)
          }, { $0.driver = .known("vfio-pci") })
      }),
    Expected(
      .guestData, .warning, force: true,
      {
        $0.intent = .release(all: false)
        $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) }
      }, not: { $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) } }),
    Expected(
      .guestData, .error, force: true,
      {
        $0.intent = .release(all: true)
        $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) }
      }, not: { $0.intent = .release(all: true) }),
    Expected(
      .unsafeInterrupts, .warning, force: false, { $0.around.interruptRemapping = .known(false) },
      not: { $0.around.interruptRemapping = .known(true) }),
    Expected(
      .unsafeInterrupts, .warning, force: false, { $0.around.allowsUnsafeInterrupts = .known(true) },
      not: { $0.around.allowsUnsafeInterrupts = .known(false) }),
    Expected(
      .acsOverride, .warning, force: false, { $0.around.commandLine = .known(["pcie_acs_override=downstream"]) },
      not: { $0.around.commandLine = .known(["quiet"]) }),
  ]
  + UnknownUse.Area.allCases.filter { $0 != .data }.map { area in
    Expected(area.code, .error, force: true) {
      $0.usage.unknown = [UnknownUse(function: first, area: area, reason: "/proc: EACCES")]
    }
  }

@Suite struct RuleTests {
  @Test func aCardThatIsInOrderHasNoFinding() {
    #expect(Case().assessment.findings == [])
    #expect(Case().assessment.isAssignable)
    #expect(Case { $0.set = [first, second] }.assessment.findings == [])
    #expect(Case { $0.intent = .release(all: true) }.assessment.findings == [])
  }

  @Test(arguments: table) func firesAsTheTableSays(expected: Expected) throws {
    let wrong = Case(expected.wrong)
    let found = wrong.assessment.findings.filter { $0.code == expected.code }
    let finding = try #require(found.first, "\(wrong.assessment.findings.map(\.code))")
    #expect(found.count == 1)
    #expect(finding.severity == expected.severity)
    #expect(finding.isForceable == expected.isForceable)
    #expect(finding.functions == expected.functions)
    #expect(!finding.message.isEmpty && !finding.evidence.isEmpty && !finding.remedy.isEmpty)
    if expected.severity == .error { #expect(!wrong.assessment.isAssignable) }
  }

  @Test(arguments: table) func doesNotFireInTheControl(expected: Expected) {
    #expect(Case(expected.right).finding(expected.code) == nil)
  }

  /// In a rehearsal nothing can be harmed: what could not be read is a warning, and only that.
  @Test(arguments: table) func aRehearsalWarnsOfWhatIsUnknown(expected: Expected) {
    let finding = Case {
      expected.wrong(&$0)
      $0.isRehearsal = true
    }.finding(expected.code)
    #expect(finding?.severity == (expected.code.rawValue.hasPrefix("unknown-") ? .warning : expected.severity))
  }

  @Test(arguments: table.filter { $0.severity == .error }) func forceOverrulesByName(expected: Expected) {
    let assessment = Case(expected.wrong).assessment
    let others = assessment.blocking(forced: [expected.code]).filter { $0.code == expected.code }
    #expect(others.isEmpty == expected.isForceable)
    #expect(assessment.blocking(forced: [.asleep, .bootDrift]).contains { $0.code == expected.code })
  }

  @Test func everyCodeIsProducedAndEveryProducedCodeIsKnown() {
    let ofSets = Set(FindingCode.allCases.filter { $0.explanation.subject != .host })
    let produced = Set(table.flatMap { expected in Case(expected.wrong).assessment.findings.map(\.code) })
    print("CODES: \(ofSets.count) cases, \(produced.count) reached")
    // Of the surroundings, of an earlier run, and of a pin: those have tests of their own.
    let elsewhere: Set<FindingCode> = [
      .moduleMissing, .moduleOptions, .lockdown, .confinedGuests, .fatalErrors, .interrupted, .identityMismatch,
      .unknownIdentity,
    ]
    #expect(produced == ofSets.subtracting(elsewhere))
    #expect(produced.count >= 37)
    #expect(FindingCode(ofSet: "dead") == .dead)
    for text in ["Dead", "", "boot-drift"] { #expect(FindingCode(ofSet: text) == nil) }
  }

  /// By its header a root complex event collector is an endpoint, and pcieport drives it: the kernel asks the driver alone.
  @Test func anEventCollectorOnPcieportDoesNotBlock() {
    let host = Small.card(
      { _ in },
      {
        $0.iommuGroup = .known(10)
        $0.classCode = .known(ClassCode(0x080700))
        $0.driver = .known("pcieport")
      })
    #expect(Case { $0.host = host }.finding(.groupBlocked) == nil)
  }

  @Test(arguments: Use.Kind.allCases) func theHostsStorageIsOneList(kind: Use.Kind) {
    #expect((Case { $0.usage = Small.use(kind) }.finding(.rootStorage) != nil) == kind.isHostStorage)
  }

  @Test func theWorstComesFirst() {
    let findings = Case {
      $0.host = Small.card { $0.powerState = .known("D3cold") }
      $0.usage = Small.use(.open)
      $0.around.interruptRemapping = .known(false)
    }.assessment.findings
    #expect(findings.map(\.code) == [.heldOpen, .asleep, .unsafeInterrupts])
  }

  @Test func aGiveBackAsksOnlyWhatItNeeds() {
    let usage = Usage(
      uses: Use.Kind.allCases.filter { $0 != .vfioOpen }.flatMap { Small.use($0).uses },
      unknown: UnknownUse.Area.allCases.map { UnknownUse(function: first, area: $0, reason: "x") })
    for intent in [Intent.release(all: false), .reset] {
      let codes = Case {
        $0.intent = intent
        $0.usage = usage
        $0.host = Small.card { $0.driver = .known("vfio-pci") }
      }.assessment.findings.map(\.code)
      #expect(codes == [.unknownHolders])
    }
  }

  @Test func aResetThatOthersFeelIsRefused() {
    func codes(_ host: Host, set: [Address] = [first]) -> [FindingCode] {
      Case {
        $0.intent = .reset
        $0.set = set
        $0.host = host
      }.assessment.findings.map(\.code)
    }
    func idle(_ function: inout Function) { function.driver = .known("vfio-pci") }
    #expect(codes(Small.card(idle)).isEmpty)
    #expect(
      codes(
        Small.card {
          idle(&$0)
          $0.virtualFunctions = [second]
        }) == [.hasVFs])
    #expect(
      codes(
        Small.card {
          idle(&$0)
          $0.kernelResetMethods = .known(["bus"])
        }) == [.slotIncomplete])
    #expect(
      codes(
        Small.card {
          idle(&$0)
          $0.kernelResetMethods = .unknown
          $0.configuration = .unknown
        }) == [.unknownReset])
  }
}

@Suite struct MissingTests {
  /// The group brings a function, whose only reset brings a third, which shows a companion.
  @Test func whatComesAlongBringsMore() {
    let texts = ["0000:01:00.0", "0000:02:00.0", "0000:02:00.1", "0000:03:00.0"]
    let addresses = texts.map(Small.address)
    func path(_ address: Address) -> Fact<String> {
      .known("/sys/devices/pci0000:00/0000:00:0\(address.bus).0/\(address)")
    }
    let functions = [
      Small.function(addresses[0]) { $0.iommuGroup = .known(5) },
      Small.function(addresses[1]) {
        $0.iommuGroup = .known(5)
        $0.kernelResetMethods = .known(["bus"])
        $0.devicePath = path($0.address)
      },
      Small.function(addresses[2]) {
        $0.iommuGroup = .known(6)
        $0.consumers = [addresses[3]]
        $0.devicePath = path($0.address)
      },
      Small.function(addresses[3]) {
        $0.iommuGroup = .known(7)
        $0.devicePath = path($0.address)
      },
    ]
    let host = Small.host(functions)
    let alone = Case {
      $0.host = host
      $0.set = [addresses[0]]
    }.assessment
    #expect(alone.missing == Array(addresses[1...]))
    // With what is missing there is nothing more, and nothing is refused.
    let whole = Case {
      $0.host = host
      $0.set = addresses
    }.assessment
    #expect(whole.missing.isEmpty)
    #expect(whole.isAssignable, "\(whole.findings)")
    #expect(
      alone.findings.first { $0.code == .groupBlocked }?.remedy == "hostdev bind \(texts.joined(separator: " "))")
  }

  @Test func randomCardsReachAFixpoint() {
    var cases = 0
    var reached = 0
    var grown = 0
    for _ in 0..<2000 {
      let functions = (0..<6).map { number in
        Small.function(Small.address("0000:0\(1 + number / 3):00.\(number % 3)")) {
          $0.iommuGroup = .known(Int.random(in: 0...4))
          $0.kernelResetMethods = [.known(["flr"]), .known(["bus"]), .absent].randomElement() ?? .unknown
          $0.driver = [.known("xclmgmt"), .known("vfio-pci"), .absent].randomElement() ?? .unknown
          $0.classCode = .known(ClassCode([0x030000, 0x040300, 0x0c0330, 0x120000].randomElement() ?? 0))
        }
      }
      let host = Small.host(functions)
      cases += 1
      let set = [functions[Int.random(in: 0..<6)].address]
      func missing(_ set: [Address]) -> [Address] {
        Case {
          $0.host = host
          $0.set = set
        }.assessment.missing
      }
      let more = missing(set)
      if !more.isEmpty { grown += 1 }
      if missing((set + more).sorted()).isEmpty, !more.contains(set[0]) { reached += 1 }
    }
    print("FIXPOINTS: \(cases) cases, \(reached) reached, \(grown) with more")
    #expect(reached == cases)
    #expect(grown >= 1000)
  }

  @Test func nothingComesAlongHome() {
    let host = Small.card { $0.kernelResetMethods = .known(["bus"]) }
    #expect(
      Case {
        $0.host = host
        $0.intent = .release(all: false)
      }.assessment.missing.isEmpty)
  }
}
