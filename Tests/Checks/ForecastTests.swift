import Host
import PCI
import Testing

@testable import Checks

private let first = Small.first
private let second = Small.second

@Suite struct ResetForecastTests {
  private func forecast(_ host: Host, of address: Address = first) throws -> ResetForecast {
    ResetForecast(of: try #require(host[address]), in: host)
  }

  private func alone(_ change: (inout Function) -> Void) -> Host {
    Small.host([Small.bridge, Small.function(first, change)])
  }

  @Test(arguments: [
    (["flr"], ["flr"]), (["flr", "bus"], ["flr", "bus"]), (["bus"], ["bus"]),
    (
      ["device_specific", "acpi", "flr", "af_flr", "pm", "bus", "cxl_bus"],
      ["device_specific", "acpi", "flr", "af_flr", "pm", "bus", "cxl_bus"]
    ), ([], []),
  ])
  func aloneOnItsBusEveryMethodWorks(words: [String], working: [String]) throws {
    let forecast = try forecast(alone { $0.kernelResetMethods = .known(words) })
    #expect(forecast.methods == working)
    #expect(forecast.source == .kernel)
    #expect(forecast.reach == (working.isEmpty ? .together : .function))
    #expect(forecast.affects.isEmpty)
  }

  @Test(arguments: [["bus"], ["cxl_bus"], ["bus", "cxl_bus"], []])
  func withANeighbourABusResetIsStale(words: [String]) throws {
    let forecast = try forecast(Small.card { $0.kernelResetMethods = .known(words) })
    #expect(forecast.methods == [])
    #expect(forecast.source == .kernel)
    #expect(forecast.reach == .together)
    #expect(forecast.affects == [second])
  }

  @Test func aStaleBusLeavesTheOthers() throws {
    let forecast = try forecast(Small.card { $0.kernelResetMethods = .known(["pm", "bus"]) })
    #expect(forecast.methods == ["pm"])
    #expect(forecast.reach == .function)
    #expect(forecast.affects.isEmpty)
  }

  @Test func noAttributeIsNoMethod() throws {
    let forecast = try forecast(Small.card { $0.kernelResetMethods = .absent })
    #expect(forecast.methods == [])
    #expect(forecast.source == .kernel)
    #expect(forecast.reach == .together)
  }

  @Test func onARootBusThereIsNoHotReset() throws {
    let device = Small.function(Small.address("0000:00:1f.3")) {
      $0.kernelResetMethods = .absent
      $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:1f.3")
    }
    let forecast = try forecast(Small.host([Small.bridge, device]), of: device.address)
    #expect(forecast.reach == .none)
    #expect(forecast.affects.isEmpty)
  }

  @Test func aPhysicalFunctionTakesItsVFs() throws {
    let virtual = Small.address("0000:02:10.0")
    func host(_ methods: Fact<[String]>) -> Host {
      Small.host([
        Small.bridge,
        Small.function(first) {
          $0.virtualFunctions = [virtual, Small.address("0000:02:10.2")]
          $0.kernelResetMethods = methods
        },
        Small.function(virtual) {
          $0.physicalFunction = .known(first)
          $0.kernelResetMethods = .absent
        },
      ])
    }
    let own = try forecast(host(.known(["flr"])))
    #expect(own.reach == .function)
    #expect(own.affects == [virtual])
    let together = try forecast(host(.absent))
    #expect(together.reach == .together)
    #expect(together.affects == [virtual])
    // A VF's bus has no port of its own.
    let other = try forecast(host(.known(["flr"])), of: virtual)
    #expect(other.reach == .none)
    #expect(other.affects.isEmpty)
  }

  @Test(
    arguments: [
      (true, nil, nil, ["flr", "bus"]), (false, true, nil, ["af_flr", "bus"]), (false, nil, true, ["pm", "bus"]),
      (true, true, true, ["flr", "af_flr", "pm", "bus"]), (false, false, false, ["bus"]), (nil, nil, nil, ["bus"]),
    ] as [(Bool?, Bool?, Bool?, [String])])
  func withoutTheKernelsWordTheRegistersSayIt(flr: Bool?, af: Bool?, pm: Bool?, methods: [String]) throws {
    let registers = Small.registers(flr: flr, af: af, pm: pm)
    let lone = try forecast(
      alone {
        $0.kernelResetMethods = .unknown
        $0.configuration = .known(registers)
      })
    #expect(lone.methods == methods)
    #expect(lone.source == .config)
    let beside = try forecast(
      Small.card {
        $0.kernelResetMethods = .unknown
        $0.configuration = .known(registers)
      })
    #expect(beside.methods == methods.dropLast())
    #expect(beside.reach == (methods.count == 1 ? .together : .function))
  }

  @Test func theKernelsWordWinsOverTheRegisters() throws {
    let forecast = try forecast(Small.card { $0.kernelResetMethods = .known([]) })
    #expect(forecast.methods == [])
    #expect(forecast.reach == .together)
  }

  @Test func registersThatAreCutShortAreUnknown() throws {
    let forecast = try forecast(
      Small.card {
        $0.kernelResetMethods = .unknown
        $0.configuration = .known(ConfigurationSpace(Array(Small.registers(flr: true).bytes.prefix(64))))
      })
    #expect(forecast.methods == nil)
    #expect(forecast.source == nil)
    #expect(forecast.reach == .unknown)
  }

  @Test func anUnknownBusMattersOnlyWhereNothingElseIs() throws {
    func unplaced(flr: Bool) -> Host {
      var host = Small.host([
        Small.function(first) {
          $0.kernelResetMethods = .unknown
          $0.configuration = .known(Small.registers(flr: flr))
          $0.devicePath = .unknown
        }
      ])
      host.rootBuses = .unknown
      return host
    }
    #expect(try forecast(unplaced(flr: true)).reach == .function)
    #expect(try forecast(unplaced(flr: false)).reach == .unknown)
  }

  @Test func aBridgesResetReachesWhatIsBelow() throws {
    var host = Small.card()
    host[Small.port]?.kernelResetMethods = .known(["pm"])
    #expect(try forecast(host, of: Small.port).affects == [first, second])
  }

  @Test func aHotResetReachesBelowABridgeOnTheBus() throws {
    let below = Small.address("0000:02:00.0")
    let host = Small.host([
      Small.bridge, Small.function(first) { $0.kernelResetMethods = .absent },
      Small.function(second) {
        $0.classCode = .known(ClassCode(0x060400))
        $0.configuration = .known(Small.registers(type: 1))
      },
      Small.function(below) { $0.devicePath = .known("/sys/devices/pci0000:00/\(Small.port)/\(second)/\(below)") },
    ])
    #expect(try forecast(host).affects == [second, below])
  }
}

@Suite struct VerdictTests {
  private func verdict(_ host: Host, of address: Address = first) throws -> Verdict? {
    Verdict(of: try #require(host[address]), in: host)
  }

  @Test func aFunctionOfItsOwnIsACandidate() throws {
    #expect(try verdict(Small.card()) == .candidate)
    #expect(
      try verdict(Small.host([Small.bridge, Small.function(first) { $0.kernelResetMethods = .absent }])) == .candidate)
  }

  @Test func aBridgeAndAFunctionWithoutGroupAreRefused() throws {
    #expect(try verdict(Small.card(), of: Small.port) == .refused)
    #expect(try verdict(Small.card { $0.iommuGroup = .absent }) == .refused)
    #expect(try verdict(Small.card { $0.classCode = .known(ClassCode(0x060000)) }) == .refused)
  }

  @Test func groupAndResetMayWantOthers() throws {
    #expect(try verdict(Small.card({ _ in }, { $0.iommuGroup = .known(10) })) == .withOthers)
    #expect(
      try verdict(
        Small.card(
          { _ in },
          {
            $0.iommuGroup = .known(10)
            $0.driver = .absent
          })) == .candidate)
    #expect(try verdict(Small.card { $0.kernelResetMethods = .known(["bus"]) }) == .withOthers)
    #expect(try verdict(Small.card { $0.kernelResetMethods = .absent }) == .withOthers)
    #expect(try verdict(Small.card { $0.kernelResetMethods = .known(["pm", "bus"]) }) == .candidate)
  }

  @Test func whatIsUnknownIsNoVerdict() throws {
    #expect(try verdict(Small.card { $0.classCode = .unknown }) == nil)
    #expect(try verdict(Small.card { $0.iommuGroup = .unknown }) == nil)
    #expect(
      try verdict(
        Small.card {
          $0.kernelResetMethods = .unknown
          $0.configuration = .unknown
        }) == nil)
    #expect(
      try verdict(
        Small.card(
          { _ in },
          {
            $0.iommuGroup = .known(10)
            $0.driver = .unknown
          })) == nil)
    var host = Small.card {
      $0.kernelResetMethods = .absent
      $0.devicePath = .unknown
    }
    host[second]?.devicePath = .unknown
    host.rootBuses = .unknown
    #expect(try verdict(host) == nil)
  }

  @Test func onARootBusNeighboursDoNotMatter() throws {
    let devices = ["0000:00:1f.0", "0000:00:1f.3"].map { text in
      Small.function(Small.address(text)) { $0.kernelResetMethods = .absent }
    }
    #expect(try verdict(Small.host(devices), of: devices[0].address) == .candidate)
  }
}
