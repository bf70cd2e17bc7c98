import Host
import PCI
import Testing

@testable import Checks

/// Hosts that a test builds: a card of two functions behind a port, each alone in its group, on host drivers, with FLR.
enum Small {
  static func address(_ text: String) -> Address { Address(text) ?? Address(domain: .max, routingID: 0) }
  static let first = address("0000:01:00.0")
  static let second = address("0000:01:00.1")
  static let port = address("0000:00:01.0")
  /// In a domain of its own.
  static let behind = address("0001:00:00.0")

  /// 256 bytes, with the given capabilities alone.
  static func registers(
    type: UInt8 = 0, flr: Bool? = nil, af: Bool? = nil, pm: Bool? = nil, allOnes: Bool = false
  ) -> ConfigurationSpace {
    if allOnes { return ConfigurationSpace(Array(repeating: 0xff, count: 256)) }
    var bytes = Array(repeating: UInt8(0), count: 4096)
    bytes[0x00] = 0xee
    bytes[0x01] = 0x10
    bytes[0x0e] = type
    var next = 0x34
    func entry(_ id: UInt8, _ offset: Int) {
      bytes[0x06] = 0x10
      bytes[next] = UInt8(offset)
      bytes[offset] = id
      next = offset + 1
    }
    if let flr {
      entry(0x10, 0x40)
      bytes[0x47] = flr ? 0x10 : 0
    }
    if let af {
      entry(0x13, 0x80)
      bytes[0x83] = af ? 3 : 1
    }
    if let pm {
      entry(0x01, 0x90)
      bytes[0x94] = pm ? 0 : 8
    }
    return ConfigurationSpace(bytes)
  }

  static func function(_ address: Address, _ change: (inout Function) -> Void = { _ in }) -> Function {
    var function = Function(address: address)
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(0x5000)
    function.classCode = .known(ClassCode(0x120000))
    function.driver = .known("xclmgmt")
    function.iommuGroup = .known(10 + Int(address.function))
    function.kernelResetMethods = .known(["flr"])
    function.devicePath = .known("/sys/devices/pci0000:00/\(port)/\(address)")
    function.configuration = .known(registers(flr: true))
    function.powerState = .known("D0")
    function.driverOverride = .absent
    function.physicalFunction = .absent
    function.isDetailed = true
    change(&function)
    return function
  }

  static let bridge = function(port) {
    $0.classCode = .known(ClassCode(0x060400))
    $0.driver = .known("pcieport")
    $0.iommuGroup = .known(1)
    $0.kernelResetMethods = .absent
    $0.devicePath = .known("/sys/devices/pci0000:00/\(port)")
    $0.configuration = .known(registers(type: 1, flr: false))
  }

  static func host(_ functions: [Function]) -> Host {
    var groups: [Int: Group] = [:]
    for function in functions {
      guard let number = function.iommuGroup.value else { continue }
      groups[number, default: Group(number: number, functions: [], others: [], reservedRegions: .known([]))]
        .functions.append(function.address)
    }
    return Host(
      functions: functions, groups: groups, groupsReadable: true,
      rootBuses: .known([Bus(domain: 0, number: 0)]))
  }

  /// The card behind its port, each function changed by the test.
  static func card(
    _ one: (inout Function) -> Void = { _ in }, _ two: (inout Function) -> Void = { _ in }
  ) -> Host { host([bridge, function(first, one), function(second, two)]) }

  /// The first function on a root bus, of this class.
  static func onRootBus(_ code: UInt32, vendor: UInt16 = 0x8086, device: UInt16 = 0x51a3) -> Host {
    var host = host([
      function(first) {
        $0.classCode = .known(ClassCode(code))
        $0.vendorID = .known(vendor)
        $0.deviceID = .known(device)
        $0.devicePath = .known("/sys/devices/pci0000:01/\(first)")
      }
    ])
    host.rootBuses = .known([Bus(domain: 0, number: 1)])
    return host
  }

  static func use(_ kind: Use.Kind, of address: Address = first, vital: Bool = false, idle: Bool = false) -> Usage {
    Usage(uses: [Use(sample(kind), of: address, chain: ["\(address)", "x"], isVital: vital, isIdle: idle)])
  }
}

extension Small {
  /// One use of each kind.
  private static func sample(_ kind: Use.Kind) -> Use.What {
    let device = "/dev/subject"
    let process = Use.Process(812, command: "detail")
    return switch kind {
    case .block: .block(device: device)
    case .partition: .partition(device: device)
    case .holder: .holder(device: device, by: .cache)
    case .mount: .mount(device: device, on: Use.MountPoint("/detail"))
    case .swap: .swap(device: device, file: nil)
    case .fstab: .fstab(device: device, entry: "/detail", point: "/detail")
    case .signature: .signature(device: device, content: "detail")
    case .pool: .pool(device: device, .imported("detail"))
    case .boot: .boot(device: device, role: "detail")
    case .remoteStorage: .remoteStorage(name: "subject", transport: "detail")
    case .configuredStorage: .configuredStorage(device: device, entry: "detail")
    case .essential: .essential(carried: "subject", reason: "detail")
    case .interface: .interface("subject", state: "up")
    case .networkAddress: .networkAddress(interface: "subject", address: "detail")
    case .route: .route(interface: "subject", route: "detail")
    case .defaultRoute: .defaultRoute(interface: "subject", route: "detail")
    case .master: .master(interface: "subject", master: "detail")
    case .upper: .upper(interface: "subject", upper: "detail")
    case .ssh: .ssh(interface: "subject", client: "detail")
    case .rdma: .rdma(device: "subject", ports: [])
    case .configuredInterface: .configuredInterface("subject", setting: "detail")
    case .bootVGA: .bootVGA(function: "subject")
    case .drm: .drm(node: device, .connected(["detail"]))
    case .framebuffer: .framebuffer(.firmware(name: "subject", function: "detail"))
    case .onlyDisplay: .onlyDisplay(function: "subject")
    case .keyboard: .keyboard(name: "subject")
    case .usb: .usb(name: "subject", product: "detail")
    case .ups: .ups(name: "subject", product: "detail")
    case .console: .console(node: device, name: "subject")
    case .watchdog: .watchdog(node: device, identity: "detail", state: nil)
    case .tpm: .tpm(node: device)
    case .ipmi: .ipmi(node: device)
    case .memory: .memory(device: "dax0.0", region: "region0")
    case .open: .open(process, Use.Node(device))
    case .vfioOpen: .vfioOpen(process)
    }
  }
}

/// A situation that nothing is wrong with, but for what the test changes.
struct Case {
  var host = Small.card()
  var set = [Small.first]
  var intent = Intent.assign(driver: "vfio-pci")
  var usage = Usage()
  var around = Surroundings()
  var isRehearsal = false
  var matches: [Address: DriverMatch] = [:]
  var held: Set<Address> = []
  var doubt: String?

  var assessment: Assessment {
    var situation = Situation(
      host: host, set: set, intent: intent, usage: usage, surroundings: around, isRehearsal: isRehearsal,
      matches: matches, held: held)
    situation.namespaceDoubt = doubt
    return Assessment(of: situation)
  }

  func finding(_ code: FindingCode) -> Finding? { assessment.findings.first { $0.code == code } }

  init(_ change: (inout Case) -> Void = { _ in }) { change(&self) }
}
