import Host
import PCI
import Testing

@testable import Assessment

/// One case of the contract's table: what is wrong, and what the rule must say of it.
struct Expected: Sendable, CustomTestStringConvertible {
  let code: String
  let severity: Finding.Severity
  let isForceable: Bool
  let functions: [Address]
  let wrong: @Sendable (inout Case) -> Void
  /// Nearly the same, and in order.
  let right: @Sendable (inout Case) -> Void
  var testDescription: String { code }

  typealias Change = @Sendable (inout Case) -> Void

  init(
    _ code: String, _ severity: Finding.Severity, force: Bool, _ functions: [Address], _ wrong: @escaping Change,
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
    _ code: String, _ severity: Finding.Severity, force: Bool, _ wrong: @escaping Change,
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

let table: [Expected] =
  [
    Expected("iommu-off", .error, force: false) {
      $0.host = Small.card({ $0.iommuGroup = .absent }, { $0.iommuGroup = .absent })
      $0.host[Small.port]?.iommuGroup = .absent
      $0.host.groups = [:]
    },
    Expected(
      "no-group", .error, force: false, { $0.host = Small.card { $0.iommuGroup = .absent } },
      not: { $0.host = Small.card({ _ in }, { $0.iommuGroup = .absent }) }),
    Expected(
      "unknown-group", .error, force: true, { $0.host = Small.card { $0.iommuGroup = .unknown } },
      not: { $0.host = Small.card({ _ in }, { $0.iommuGroup = .unknown }) }),
    Expected(
      "group-blocked", .error, force: false, [second],
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
      "group-blocked", .error, force: false, [Small.port],
      {
        $0.host[Small.port]?.iommuGroup = .known(10)
        $0.host[Small.port]?.driver = .known("shpchp")
      }, not: { $0.host[Small.port]?.iommuGroup = .known(10) }),
    Expected(
      "group-blocked", .error, force: false, { $0.host.groups[10]?.others = ["platform.0"] },
      not: { $0.host.groups[11]?.others = ["platform.0"] }),
    Expected(
      "unknown-group", .error, force: true, [second],
      {
        $0.host = Small.card(
          { _ in },
          {
            $0.iommuGroup = .known(10)
            $0.driver = .unknown
          })
      }, not: { $0.host = Small.card({ _ in }, { $0.driver = .unknown }) }),
    Expected(
      "slot-incomplete", .error, force: true, [second],
      { $0.host = Small.card { $0.kernelResetMethods = .known(["bus"]) } },
      not: { $0.host = Small.card({ _ in }, { $0.kernelResetMethods = .known(["bus"]) }) }),
    Expected(
      "slot-incomplete", .error, force: true, [second],
      {
        $0.host = Small.card({ $0.kernelResetMethods = .absent }, { $0.driver = .known("vfio-pci") })
        $0.usage = Small.use(.vfioOpen, of: second)
      },
      not: { $0.host = Small.card({ $0.kernelResetMethods = .absent }, { $0.driver = .known("vfio-pci") }) }),
    Expected(
      "unknown-reset", .error, force: true,
      {
        $0.host = Small.card {
          $0.kernelResetMethods = .unknown
          $0.configuration = .unknown
        }
      }, not: { $0.host = Small.card { $0.kernelResetMethods = .unknown } }),
    Expected(
      "not-endpoint", .error, force: false, [Small.port], { $0.set = [Small.port] }),
    Expected(
      "not-endpoint", .error, force: false, { $0.host = Small.card { $0.classCode = .known(ClassCode(0x060000)) } },
      not: { $0.host = Small.card { $0.classCode = .known(ClassCode(0x060100)) } }),
    Expected(
      "reserved-region", .error, force: false,
      { $0.host.groups[10]?.reservedRegions = .known([ReservedRegion(first: 0, last: 4095, kind: "direct")]) },
      not: {
        $0.host.groups[10]?.reservedRegions = .known(
          ["direct-relaxable", "msi", "reserved"].map { ReservedRegion(first: 0, last: 4095, kind: $0) })
      }),
    Expected(
      "unknown-reserved-region", .error, force: true, { $0.host.groups[10]?.reservedRegions = .unknown },
      not: { $0.host.groups[11]?.reservedRegions = .unknown }),
    Expected(
      "no-reset", .warning, force: false,
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
      "root-storage", .error, force: true, { $0.usage = Small.use(.mount) },
      not: { $0.usage = Small.use(.mount, of: second) }),
    Expected("root-storage", .error, force: false, { $0.usage = Small.use(.swap, vital: true) }),
    Expected(
      "root-storage", .error, force: true, { $0.usage = Small.use(.fstab) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      "has-data", .warning, force: false, { $0.usage = Small.use(.signature, idle: true) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      "has-data", .warning, force: false, { $0.usage = Small.use(.partition, idle: true) },
      not: { $0.usage = Small.use(.signature, of: second, idle: true) }),
    Expected(
      "unknown-data", .warning, force: false,
      { $0.usage = Usage(unknown: [UnknownUse(function: first, area: .data, reason: "no record")]) },
      not: { $0.usage = Small.use(.block, idle: true) }),
    Expected(
      "host-network", .error, force: true, { $0.usage = Small.use(.networkAddress) },
      not: { $0.usage = Small.use(.ssh, of: second) }),
    Expected(
      "host-network", .warning, force: true, { $0.usage = Small.use(.interface) },
      not: { $0.usage = Small.use(.interface, idle: true) }),
    Expected(
      "host-display", .error, force: true, { $0.usage = Small.use(.framebuffer) },
      not: { $0.usage = Small.use(.framebuffer, idle: true) }),
    Expected("host-display", .error, force: true, { $0.usage = Small.use(.onlyDisplay) }),
    Expected(
      "host-display", .info, force: true, { $0.usage = Small.use(.drm) },
      not: { $0.usage = Small.use(.drm, idle: true) }
    ),
    Expected("host-display", .warning, force: true, { $0.usage = Small.use(.bootVGA) }),
    Expected(
      "host-input", .error, force: true, { $0.usage = Small.use(.keyboard) },
      not: { $0.usage = Small.use(.keyboard, of: second) }),
    Expected("host-console", .error, force: true, { $0.usage = Small.use(.console) }),
    Expected("host-console", .warning, force: true, { $0.usage = Small.use(.watchdog, idle: true) }),
    Expected(
      "held-open", .error, force: true, { $0.usage = Small.use(.open) },
      not: { $0.usage = Small.use(.open, of: second) }),
    Expected(
      "guest-running", .error, force: false, { $0.usage = Small.use(.vfioOpen) },
      not: { $0.usage = Small.use(.vfioOpen, of: second) }),
    Expected("guest-running", .error, force: false) {
      $0.intent = .release(all: false)
      $0.host = Small.card { $0.driver = .known("vfio-pci") }
      $0.usage = Small.use(.vfioOpen)
    },
    Expected(
      "unknown-namespace", .error, force: true, { $0.doubt = "pid 1 is in another mount namespace" }),
    Expected(
      "has-vfs", .error, force: false,
      { $0.host = Small.card { $0.virtualFunctionCount = .known(2) } },
      not: { $0.host = Small.card { $0.virtualFunctionCount = .known(0) } }),
    Expected(
      "vf-without-pf", .warning, force: true, [second],
      {
        $0.host = Small.card(
          { $0.virtualFunctions = [second] },
          {
            $0.driver = .absent
            $0.physicalFunction = .known(first)
          })
      }),
    Expected(
      "vf-without-pf", .error, force: true, [second],
      { $0.host = Small.card({ $0.virtualFunctions = [second] }, { $0.physicalFunction = .known(first) }) }),
    Expected(
      "has-vfs", .warning, force: false, [first, second], { $0.virtual(1) }, not: { $0.virtual(2) }),
    Expected(
      "has-vfs", .error, force: false, [first, second],
      {
        $0.virtual(1)
        $0.usage = Small.use(.vfioOpen, of: second)
      },
      not: {
        $0.virtual(2)
        $0.usage = Small.use(.vfioOpen, of: second)
      }),
    Expected(
      "host-network", .error, force: true, [second],
      {
        $0.virtual(0)
        $0.usage = Small.use(.networkAddress, of: second)
      },
      not: {
        // The physical one stays.
        $0.virtual(0)
        $0.usage = Small.use(.networkAddress, of: first)
      }),
    Expected("no-sriov", .error, force: false, { $0.virtual(1) { $0.virtualFunctionCount = .absent } }),
    Expected(
      "no-sriov", .error, force: false,
      {
        $0.virtual(1) {
          $0.virtualFunctionCount = .absent
          $0.virtualFunctionLimit = .unknown
          $0.physicalFunction = .known(second)
        }
      }),
    Expected(
      "unknown-sriov", .error, force: true,
      { $0.virtual(1) { $0.virtualFunctionLimit = .unknown } },
      not: { $0.virtual(1) }),
    Expected("too-many-vfs", .error, force: false, { $0.virtual(5) }, not: { $0.virtual(4) }),
    Expected(
      "no-sriov-driver", .error, force: false, { $0.virtual(1) { $0.driver = .absent } },
      // Nothing is to be done then.
      not: { $0.virtual(2) { $0.driver = .absent } }),
    Expected(
      "no-sriov-driver", .error, force: false, { $0.virtual(1) { $0.driver = .known("vfio-pci") } },
      not: { $0.virtual(1) }),
    Expected(
      "vf-token", .error, force: false,
      { $0.host = Small.card({ $0.physicalFunction = .known(second) }, { $0.driver = .known("vfio-pci") }) },
      not: { $0.host = Small.card { $0.physicalFunction = .known(second) } }),
    Expected(
      "has-mdevs", .error, force: false,
      { $0.host = Small.card { $0.mediatedDevices = ["4b20d080-1b54-4048-85b3-a6a62d165c01"] } },
      not: { $0.host = Small.card({ _ in }, { $0.mediatedDevices = ["4b20d080-1b54-4048-85b3-a6a62d165c01"] }) }),
    Expected(
      "split-companion", .error, force: true, [second],
      {
        $0.host = Small.card(
          { $0.classCode = .known(ClassCode(0x030000)) }, { $0.classCode = .known(ClassCode(0x040300)) })
      },
      not: {
        $0.host = Small.card(
          { $0.classCode = .known(ClassCode(0x020000)) }, { $0.classCode = .known(ClassCode(0x040300)) })
      }),
    Expected(
      "split-companion", .error, force: true, [second], { $0.host = Small.card { $0.consumers = [second] } }),
    Expected(
      "denylisted", .error, force: false,
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
      "driver-mismatch", .error, force: false, { $0.matches = [first: .doesNot] },
      not: { $0.matches = [first: .matches] }),
    Expected(
      "unknown-driver", .error, force: true, { $0.matches = [first: .unknown] },
      not: { $0.matches = [second: .unknown] }),
    Expected(
      "driver-bound", .error, force: true, { $0.intent = .reset },
      not: {
        $0.intent = .reset
        $0.host = Small.card { $0.driver = .known("vfio-pci") }
      }),
    Expected("driver-bound", .error, force: false) {
      $0.intent = .reset
      $0.usage = Small.use(.mount)
    },
    Expected("driver-bound", .error, force: true) {
      $0.intent = .reset
      $0.usage = Small.use(.block, idle: true)
    },
    Expected(
      "dead", .error, force: false,
      { $0.host = Small.card { $0.configuration = .known(Small.registers(allOnes: true)) } },
      not: { $0.host = Small.card { $0.configuration = .unknown } }),
    Expected(
      "d3cold", .warning, force: false, { $0.host = Small.card { $0.powerState = .known("D3cold") } },
      not: { $0.host = Small.card { $0.powerState = .known("D3hot") } }),
    Expected(
      "stale-override", .warning, force: false,
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
      "stale-override", .warning, force: false,
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
      "guest-data", .warning, force: true,
      {
        $0.intent = .release(all: false)
        $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) }
      }, not: { $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) } }),
    Expected(
      "guest-data", .error, force: true,
      {
        $0.intent = .release(all: true)
        $0.host = Small.card { $0.classCode = .known(ClassCode(0x010802)) }
      }, not: { $0.intent = .release(all: true) }),
    Expected(
      "unsafe-interrupts", .warning, force: false, { $0.around.interruptRemapping = .known(false) },
      not: { $0.around.interruptRemapping = .known(true) }),
    Expected(
      "unsafe-interrupts", .warning, force: false, { $0.around.allowsUnsafeInterrupts = .known(true) },
      not: { $0.around.allowsUnsafeInterrupts = .known(false) }),
    Expected(
      "acs-override", .warning, force: false, { $0.around.commandLine = .known(["pcie_acs_override=downstream"]) },
      not: { $0.around.commandLine = .known(["quiet"]) }),
  ]
  + UnknownUse.Area.allCases.filter { $0 != .data }.map { area in
    Expected("unknown-\(area.rawValue)", .error, force: true) {
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
    #expect(finding?.severity == (expected.code.hasPrefix("unknown-") ? .warning : expected.severity))
  }

  @Test(arguments: table.filter { $0.severity == .error }) func forceOverrulesByName(expected: Expected) {
    let assessment = Case(expected.wrong).assessment
    let others = assessment.blocking(forced: [expected.code]).filter { $0.code == expected.code }
    #expect(others.isEmpty == expected.isForceable)
    #expect(assessment.blocking(forced: ["d3cold", "nonsense"]).contains { $0.code == expected.code })
  }

  @Test func everyCodeIsProducedAndEveryProducedCodeIsKnown() {
    let produced = Set(table.flatMap { expected in Case(expected.wrong).assessment.findings.map(\.code) })
    print("CODES: \(FindingCodes.known.count) cases, \(produced.count) reached")
    // Of the surroundings, of an earlier run, and of a pin: those have tests of their own.
    let elsewhere: Set = [
      "module-missing", "module-options", "lockdown", "lsm", "aer-fatal", "interrupted", "identity-mismatch",
      "unknown-identity",
    ]
    #expect(produced == FindingCodes.known.subtracting(elsewhere))
    #expect(produced.count >= 37)
    #expect(FindingCodes.isCode("dead") && !FindingCodes.isCode("Dead") && !FindingCodes.isCode(""))
  }

  @Test func theWorstComesFirst() {
    let findings = Case {
      $0.host = Small.card { $0.powerState = .known("D3cold") }
      $0.usage = Small.use(.open)
      $0.around.interruptRemapping = .known(false)
    }.assessment.findings
    #expect(findings.map(\.code) == ["held-open", "d3cold", "unsafe-interrupts"])
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
      #expect(codes == ["unknown-holders"])
    }
  }

  @Test func aResetThatOthersFeelIsRefused() {
    func codes(_ host: Host, set: [Address] = [first]) -> [String] {
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
        }) == ["has-vfs"])
    #expect(
      codes(
        Small.card {
          idle(&$0)
          $0.kernelResetMethods = .known(["bus"])
        }) == ["slot-incomplete"])
    #expect(
      codes(
        Small.card {
          idle(&$0)
          $0.kernelResetMethods = .unknown
          $0.configuration = .unknown
        }) == ["unknown-reset"])
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
      alone.findings.first { $0.code == "group-blocked" }?.remedy == "hostdev bind 0000:01:00.0 0000:02:00.0")
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
