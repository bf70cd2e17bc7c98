import FoundationEssentials
import Host
import HostUse
import Inventory
import KernelSimulator
import Libvirt
import PCI
import Pins
import Report
import Transactions

/// What is fed with bytes that nobody vouches for. Each must come back, whatever they are.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Configuration space.
  case registers
  /// Attributes of one function and its group, and the module tables, as `scan` and `show` read them.
  case attributes
  /// What the checks read of the host besides: mounts, swap, interfaces, handles.
  case capture
  /// A journal or a record of what is held, cut short or by another version.
  case journal
  /// A domain's XML.
  case xml
  /// A pin's file, and vital product data as a card gives it.
  case pins
  /// What a user types.
  case selectors
  /// The faults that a capture asks its simulator for.
  case faults

  public func run(_ bytes: [UInt8]) {
    switch self {
    case .registers: registers(bytes)
    case .attributes: attributes(bytes)
    case .capture: capture(bytes)
    case .journal:
      _ = try? JSONDecoder().decode(Journal.self, from: Data(bytes))
      _ = try? JSONDecoder().decode(Hold.self, from: Data(bytes))
    case .xml: _ = try? readHostdevs(bytes, name: "fuzz.xml")
    case .pins: pins(bytes)
    case .selectors: selectors(bytes)
    case .faults: _ = try? JSONDecoder().decode(Faults.self, from: Data(bytes))
    }
  }

  private func registers(_ bytes: [UInt8]) {
    var function = Function(address: MemorySysfs.function)
    function.configuration = .known(ConfigurationSpace(bytes))
    function.isDetailed = true
    let host = Host(functions: [function], groups: [:], groupsReadable: false, rootBuses: .unknown)
    show(function, in: host)
    _ = try? nodeDeviceXML(function, in: host, vendorName: nil, productName: nil)
  }

  private func attributes(_ bytes: [UInt8]) {
    let sysfs = MemorySysfs(bytes, MemorySysfs.attributes)
    let scanner = Scanner(sysfs)
    guard var host = try? scanner.scan() else { return }
    scanner.detail(host.functions.map(\.address), of: &host)
    scanner.detailGroups(host.groups.keys.sorted(), of: &host)
    let aliases = ModuleAliases(sysfs, SurroundingsReader(sysfs, isCapture: true).read())
    for function in host.functions {
      show(function, in: host)
      _ = aliases.homeModules(of: function)
      _ = aliases.variant(for: function)
    }
  }

  private func capture(_ bytes: [UInt8]) {
    let sysfs = MemorySysfs(bytes, MemorySysfs.surroundings)
    guard var host = try? Scanner(sysfs).scan() else { return }
    Scanner(sysfs).detail([MemorySysfs.function], of: &host)
    let evidence = Evidence(sysfs: sysfs, isRehearsal: true)
    _ = evidence.gather([MemorySysfs.function], in: host)
    _ = SurroundingsReader(sysfs, isCapture: true).read()
  }

  private func pins(_ bytes: [UInt8]) {
    _ = VitalProductData(bytes).serialNumber
    guard let pin = Pin(reading: bytes, name: "fuzz") else { return }
    // What was read is written so that it is read as the same.
    if Pin(reading: Array(pin.text.utf8), name: "fuzz") != pin { fatalError("\(pin.text)") }
    let host = Host(
      functions: [Function(address: MemorySysfs.function)], groups: [:], groupsReadable: false, rootBuses: .unknown)
    _ = pin.resolve(in: host).finding(pin, isRehearsal: true)
  }

  private func selectors(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? Selector(parsing: text)
    // What is read as an address is printed as one.
    if let address = Address(text), Address(address.description) != address { fatalError("\(text): \(address)") }
  }

  private func show(_ function: Function, in host: Host) {
    _ = JSONWriter.document { json in
      json.key("devices")
      json.array {
        writeShown(function, in: host, names: FunctionNames(), uses: [], unknownUses: [], findings: [], to: &$0)
      }
    }
  }
}
