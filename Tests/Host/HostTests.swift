import Host
import PCI
import Testing

/// A function at an address, with what a test says of it.
private func function(_ text: String, _ change: (inout Function) -> Void = { _ in }) throws -> Function {
  var function = Function(address: try #require(Address(text)))
  change(&function)
  return function
}

private func address(_ text: String) throws -> Address { try #require(Address(text)) }
private func bus(_ text: String) throws -> Bus { try #require(Bus(text)) }

@Suite struct HostTests {
  private func host(
    _ texts: [String], groups: [Int: Group] = [:], readable: Bool = true, roots: Fact<Set<Bus>> = .unknown
  ) throws -> Host {
    Host(
      functions: try texts.map { try function($0) }, groups: groups, groupsReadable: readable, rootBuses: roots)
  }

  private static let places = [
    "0000:00:00.0", "0000:00:1f.0", "0000:00:1f.3", "0000:01:00.0", "0000:01:00.1", "0000:01:02.0", "0000:ff:00.0",
    "10000:01:00.0",
  ]

  @Test func functionsStandInOrderHoweverTheyCame() throws {
    #expect(try host(Self.places.shuffled()).functions.map(\.address.description) == Self.places)
  }

  @Test(arguments: [
    ("0000:00", 3), ("0000:01", 3), ("0000:02", 0), ("0000:ff", 1), ("10000:01", 1), ("10000:00", 0), ("ffff:ff", 0),
  ])
  func aBusHasItsFunctions(name: String, count: Int) throws {
    let found = try host(Self.places.shuffled()).functions(onBus: try bus(name))
    #expect(found.count == count)
    #expect(found.allSatisfy { $0.address.segment.description == name })
  }

  /// Against a plain filter, over every bus there is.
  @Test func theSearchMissesNothing() throws {
    var cases = 0
    var reached = 0
    for size in 0..<40 {
      let texts = (0..<size).map { _ in
        Address(domain: UInt32.random(in: 0...1), routingID: UInt16.random(in: 0..<0x0400)).description
      }
      let host = try host(Array(Set(texts)))
      for domain in UInt32(0)...2 {
        for number in UInt8(0)...5 {
          let bus = Bus(domain: domain, number: number)
          cases += 1
          if Array(host.functions(onBus: bus)) == host.functions.filter({ $0.address.segment == bus }) { reached += 1 }
        }
      }
    }
    print("BUSES: \(cases) cases, \(reached) reached")
    #expect(reached == cases)
    #expect(reached >= 720)
  }

  @Test func aSlotHasItsFunctionsAlone() throws {
    let host = try host(Self.places)
    #expect(
      host.functions(inSlot: try address("0000:01:00.0").slot).map(\.address.description)
        == ["0000:01:00.0", "0000:01:00.1"])
    #expect(host.functions(inSlot: Slot(domain: 0, bus: 1, device: 1)).isEmpty)
    #expect(host.functions(inSlot: Slot(domain: 1, bus: 1, device: 0)).isEmpty)
  }

  @Test func aFunctionIsFoundAndChangedByItsAddress() throws {
    var host = try host(Self.places)
    let place = try address("0000:01:00.1")
    #expect(host[place]?.address == place)
    host[place]?.driver = .known("nvme")
    #expect(host[place]?.driver == .known("nvme"))
    #expect(host.functions.filter { $0.driver == .known("nvme") }.count == 1)
    host[place] = nil
    #expect(host[place] != nil)
    #expect(host[try address("0000:01:00.2")] == nil)
  }

  @Test func aGroupHasItsMembersByEitherWord() throws {
    let first = try function("0000:01:00.0") { $0.iommuGroup = .known(7) }
    let second = try function("0000:01:00.1")
    let third = try function("0000:02:00.0") { $0.iommuGroup = .known(8) }
    let host = Host(
      functions: [third, second, first],
      groups: [7: Group(number: 7, functions: [second.address], others: ["x"], reservedRegions: .unknown)],
      groupsReadable: true, rootBuses: .unknown)
    #expect(host.functions(inGroup: 7).map(\.address) == [first.address, second.address])
    #expect(host.functions(inGroup: 8).map(\.address) == [third.address])
    #expect(host.functions(inGroup: 9).isEmpty)
    #expect(!host.hasNoGroups)
  }

  @Test func noGroupsIsKnownOnlyWhereTheFolderIs() throws {
    #expect(try host(["0000:01:00.0"], readable: true).hasNoGroups)
    #expect(try !host(["0000:01:00.0"], readable: false).hasNoGroups)
    let one = try function("0000:01:00.0") { $0.iommuGroup = .known(1) }
    #expect(!Host(functions: [one], groups: [:], groupsReadable: true, rootBuses: .unknown).hasNoGroups)
  }

  @Test func rootBusesAreThoseOfTheList() throws {
    let host = try host(["0000:00:01.0", "0000:01:00.0"], roots: .known([bus("0000:00")]))
    #expect(host.isRootBus(try bus("0000:00")) == .known(true))
    #expect(host.isRootBus(try bus("0000:01")) == .known(false))
    #expect(host.isRootBus(try bus("0001:00")) == .unknown)
  }

  @Test func withoutAListThePathSaysIt() throws {
    let port = try function("0000:00:01.0") { $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:01.0") }
    let card = try function("0000:01:00.0") {
      $0.devicePath = .known("/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0")
    }
    let host = Host(functions: [port, card], groups: [:], groupsReadable: true, rootBuses: .unknown)
    #expect(host.isRootBus(try bus("0000:00")) == .known(true))
    #expect(host.isRootBus(try bus("0000:01")) == .known(false))
    #expect(host.isRootBus(try bus("0000:02")) == .unknown)
  }

  /// A VMD's root bus stands below the VMD and is in no list of `/sys/devices`.
  @Test func theRootBusBehindAVMDIsOne() throws {
    let below = "/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0"
    let port = try function("10000:e0:06.0") { $0.devicePath = .known("\(below)/10000:e0:06.0") }
    let disk = try function("10000:e1:00.0") { $0.devicePath = .known("\(below)/10000:e0:06.0/10000:e1:00.0") }
    let roots = Fact.known(Set([try bus("0000:00")]))
    let host = Host(functions: [port, disk], groups: [:], groupsReadable: true, rootBuses: roots)
    #expect(host.isRootBus(try bus("10000:e0")) == .known(true))
    #expect(host.isRootBus(try bus("10000:e1")) == .known(false))
    let brief = Host(
      functions: [try function("10000:e0:06.0")], groups: [:], groupsReadable: true, rootBuses: roots)
    #expect(brief.isRootBus(try bus("10000:e0")) == .unknown)
  }

  @Test func belowABridgeIsAtAnyDepth() throws {
    let root = "/sys/devices/pci0000:00/0000:00:01.0"
    let paths = [
      "0000:00:01.0": root, "0000:01:00.0": root + "/0000:01:00.0",
      "0000:02:00.0": root + "/0000:01:00.0/0000:02:00.0", "0000:00:02.0": "/sys/devices/pci0000:00/0000:00:02.0",
    ]
    let host = Host(
      functions: try paths.map { path in try function(path.key) { $0.devicePath = .known(path.value) } }
        + [try function("0000:03:00.0")], groups: [:], groupsReadable: true, rootBuses: .unknown)
    #expect(
      host.functions(below: try address("0000:00:01.0")).map(\.address.description)
        == ["0000:01:00.0", "0000:02:00.0"])
    #expect(host.functions(below: try address("0000:02:00.0")).isEmpty)
  }
}

@Suite struct FunctionTests {
  @Test(arguments: [
    ("/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0", "0000:00/01.0/00.0", "0000:00:01.0"),
    ("/sys/devices/pci0000:00/0000:00:1f.3", "0000:00/1f.3", nil),
    ("/sys/devices/platform/40000000.pcie/pci0000:00/0000:00:00.0", "0000:00/00.0", nil),
    (
      "/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0", "0000:00/0e.0/06.0/00.0",
      "10000:e0:06.0"
    ),
    ("/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "0000:00/0e.0/06.0", nil),
  ])
  func itsPlaceIsFreeOfBusNumbers(path: String, place: String, parent: String?) throws {
    let device = try function(try #require(path.split(separator: "/").last.map(String.init))) {
      $0.devicePath = .known(path)
    }
    #expect(device.topologyPath == .known(place))
    #expect(device.parent.value?.description == parent)
    #expect(device.parent.isAbsent == (parent == nil))
  }

  @Test(arguments: ["/sys/devices/virtual/x", "/sys/devices/pci0000:00", "/sys/devices/pci0000:00/usb1/0000:01:00.0"])
  func aPathThatIsNoneOfPCIIsUnknown(path: String) throws {
    #expect(try function("0000:01:00.0") { $0.devicePath = .known(path) }.topologyPath == .unknown)
  }

  @Test func theHeaderDecidesWhatABridgeIs() throws {
    func device(type: UInt8?, code: UInt32?) throws -> Function {
      try function("0000:01:00.0") { function in
        if let code { function.classCode = .known(ClassCode(code)) }
        if let type {
          var bytes = Array(repeating: UInt8(0), count: 64)
          bytes[0x0e] = type
          function.configuration = .known(ConfigurationSpace(bytes))
        }
      }
    }
    #expect(try !device(type: 1, code: 0x120000).isEndpoint)
    #expect(try !device(type: 2, code: nil).isEndpoint)
    #expect(try device(type: 0, code: 0x060400).isEndpoint)
    #expect(try !device(type: nil, code: 0x060400).isEndpoint)
    #expect(try !device(type: 0, code: 0x060000).isEndpoint)
    #expect(try device(type: nil, code: 0x060100).isEndpoint)
    #expect(try device(type: nil, code: 0x060000).isBusBridge == false)
  }

  @Test func virtualFunctionsAreCounted() throws {
    let other = try address("0000:01:10.0")
    #expect(try function("0000:01:00.0").virtualFunctionTotals.isUnknown)
    let listed = try function("0000:01:00.0") {
      $0.virtualFunctionLimit = .known(8)
      $0.virtualFunctions = [other]
    }
    #expect(listed.virtualFunctionTotals.value?.total == 8)
    #expect(listed.virtualFunctionTotals.value?.current == 1)
    let counted = try function("0000:01:00.0") {
      $0.virtualFunctionLimit = .known(8)
      $0.virtualFunctionCount = .known(3)
    }
    #expect(counted.virtualFunctionTotals.value?.current == 3)
    let conventional = try function("0000:01:00.0") {
      $0.configuration = .known(ConfigurationSpace(Array(repeating: 0, count: 256)))
    }
    #expect(conventional.virtualFunctionTotals.isAbsent)
  }
}

@Suite struct VFIODriverTests {
  @Test(arguments: [
    ("vfio-pci", true), ("mlx5-vfio-pci", true), ("hisi_acc_vfio_pci", true), ("nvgrace-gpu-vfio-pci", true),
    ("pci-stub", false), ("nvme", false), ("vfio", false), ("", false),
  ])
  func variantsAreKnownByTheirNames(name: String, isVFIO: Bool) {
    #expect(VFIODriver.isVFIO(name) == isVFIO)
    #expect(VFIODriver.leavesGroupViable(name) == (isVFIO || name == "pci-stub"))
    #expect(VFIODriver.blocksGroup(name) == !(isVFIO || ["pci-stub", "pcieport"].contains(name)))
  }
}

@Suite struct SelectorTests {
  private static func at(_ text: String) -> Address { Address(text) ?? Address(domain: .max, routingID: .max) }

  @Test(arguments: [
    ("0000:01:00.0", Selector.function(at("0000:01:00.0"))), ("01:00.0", .function(at("0000:01:00.0"))),
    ("10000:E1:00.7", .function(at("10000:e1:00.7"))), ("pci_0000_01_00_0", .function(at("0000:01:00.0"))),
    ("pci_10000_e1_00_0", .function(at("10000:e1:00.0"))), ("0000:01:00", .slot(at("0000:01:00.0").slot)),
    ("01:00", .slot(at("0000:01:00.0").slot)), ("10000:e1:1f", .slot(at("10000:e1:1f.0").slot)),
    ("10ee:5000", .id(DeviceID(vendor: 0x10ee, device: 0x5000))),
    ("8086:100E", .id(DeviceID(vendor: 0x8086, device: 0x100e))),
    ("group:12", .group(12)), ("group:0", .group(0)), ("net:enp1s0f0", .network("enp1s0f0")),
    ("net:a.100@x", .network("a.100@x")), ("block:nvme0n1", .block("nvme0n1")), ("/dev/nvme0n1", .block("nvme0n1")),
    ("block:/dev/nvme0n1", .block("nvme0n1")), ("/dev/disk/by-id/x", .block("disk/by-id/x")),
    ("1:0.0", .function(at("0000:01:00.0"))), ("0000:1:0.7", .function(at("0000:01:00.7"))),
    ("1:1f", .slot(at("0000:01:1f.0").slot)), ("0000:01:00.0-3", .functions(at("0000:01:00.0").slot, 0...3)),
    ("01:00.2-2", .functions(at("0000:01:00.0").slot, 2...2)), ("01:", .bus(Bus(domain: 0, number: 1))),
    ("10000:e1:", .bus(Bus(domain: 0x10000, number: 0xe1))),
    ("0x10ee:0x5000", .id(DeviceID(vendor: 0x10ee, device: 0x5000))),
    ("0X10EE:5000", .id(DeviceID(vendor: 0x10ee, device: 0x5000))),
    ("10de:", .kind(IDPattern(vendor: 0x10de, device: nil, classDigits: nil))),
    (":1e87", .kind(IDPattern(vendor: nil, device: 0x1e87, classDigits: nil))),
    ("10de::0300", .kind(IDPattern(vendor: 0x10de, device: nil, classDigits: "0300"))),
    ("::030A00", .kind(IDPattern(vendor: nil, device: nil, classDigits: "030a00"))),
    ("10de:1e87:03", .kind(IDPattern(vendor: 0x10de, device: 0x1e87, classDigits: "03"))),
    ("/dev/dri/card0", .block("dri/card0")), ("/sys/class/net/enp3s0", .network("enp3s0")),
    ("/sys/class/block/sda1", .block("sda1")), ("/sys/block/sda/sda1", .block("sda1")),
    ("/sys/class/drm/card0", .classDevice("drm", name: "card0")),
    ("/sys/bus/pci/devices/0000:01:00.0", .function(at("0000:01:00.0"))),
    ("/sys/bus/pci/devices/0000:01:00.0/driver_override", .function(at("0000:01:00.0"))),
    ("/sys/bus/pci/drivers/nvme/0000:02:00.0/", .function(at("0000:02:00.0"))),
    ("/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1/net/eth0", .function(at("0000:01:00.1"))),
    ("/sys/kernel/iommu_groups/12", .group(12)),
    ("01:00.0,10ee:5000", .several([.function(at("0000:01:00.0")), .id(DeviceID(vendor: 0x10ee, device: 0x5000))])),
    ("net:a,net:b", .several([.network("a"), .network("b")])), ("net:a,b", .network("a,b")),
    ("/dev/disk/by-id/a,b", .block("disk/by-id/a,b")), ("xml:a,b", .xml("a,b")),
    ("xml:-", .xml("-")), ("xml:/a/../b.xml", .xml("/a/../b.xml")), ("pin:gpu", .pin("gpu")),
  ])
  func everyFormIsRead(text: String, selector: Selector) throws {
    #expect(try Selector(parsing: text) == selector)
  }

  @Test(arguments: [
    "", " ", "nvme", "1:0.8", "0000:01:20.0", "0000:1ff:00.0", "01:00.8", "01:00.3-1", "01:00.0-8", "01:00.0-",
    "01:00.-3", "001:0.0", "1:20", "1:100",
    "01:20.0", "0000:01", "000:01:00.0", "01:00.0 ", "0000:01:00.0.0",
    "pci_0000_01_00", "pci_0000_01_00_8", "pci_", "pci_0000:01:00.0", ":", "::", "0x10ee:0x", "10ee::03000", "10ee::",
    "10ee:50000", "10ee:500g",
    "0x1e:5000", "10ee:0x50", "+0ee:5000", "group:", "group:x", "group:-1", "group:+1", "group:1 ", "group:0x1",
    "group:99999999999999999999", "net:", "net:..", "net:a/b", "net:.", "block:", "block:/dev/", "block:..",
    "block:../../etc/passwd", "block:a//b", "block:/nvme0n1", "/dev/", "/dev/../etc", "/dev//nvme0n1", "xml:", "pin:",
    "pin:a/b", "pin:.hidden", "/sys/x", "/sys/", "/sys/bus/usb/devices/1-1", "/sys/bus/pci/devices",
    "/sys/class/net/../block/sda", "/sys/kernel/iommu_groups/x", "GROUP:1", ",", "01:00.0,", "01:00.0,x",
    "01:00.0,,01:00.1",
  ])
  func malformedIsRefusedWithAReason(text: String) {
    let error = #expect(throws: SelectorError.self) { try Selector(parsing: text) }
    #expect(error?.text == text)
    #expect(error?.reason.isEmpty == false)
  }
}

@Suite("What is near is a slip of the keyboard away") struct SuggestionTests {
  @Test(arguments: [
    ("lsit", "list"), ("bnid", "bind"), ("chek", "check"), ("enp3s1", "enp3s0"), ("VFIO_PCI", "vfio-pci"),
    ("slot-imcomplete", "slot-incomplete"), ("b", "bb"),
  ])
  func aSlip(text: String, meant: String) { #expect(suggestion(for: text, among: ["xyz", meant, "else"]) == meant) }

  @Test(arguments: [
    ("export", "import"), ("unbind", "unpin"), ("zz", "lo"), ("9", "0"), ("xilinx", "list"), ("", "a"), ("a", ""),
    ("attach", "watch"), ("nvme", "nouveau"),
  ])
  func anotherWord(text: String, other: String) { #expect(suggestion(for: text, among: [other]) == nil) }

  @Test func theFirstOfSeveral() {
    #expect(suggestion(for: "enp3s2", among: ["enp3s0", "enp3s1"]) == "enp3s0")
    #expect(suggestion(for: "enp3s1", among: ["enp3s0", "enp3s1"]) == "enp3s1")
    #expect(suggestion(for: "x", among: [String]()) == nil)
  }
}

@Suite struct StateTests {
  @Test func isSaidInWords() {
    #expect(State(driver: nil, override: nil).description == "no driver")
    #expect(
      State(driver: "nvme", override: "vfio-pci", attributes: ["b": "2", "a": "1"]).description
        == "nvme, override vfio-pci, a 1, b 2")
  }
}

@Suite struct SurroundingsTests {
  @Test(arguments: [("quiet pcie_acs_override=downstream", true), ("quiet pcie_acs=1", false), ("", false)])
  func theOverrideOfGroupsIsSeen(line: String, isOn: Bool) {
    var around = Surroundings()
    #expect(around.overridesACS == .unknown)
    around.commandLine = .known(line.split(separator: " ").map(String.init))
    #expect(around.overridesACS == .known(isOn))
  }
}
