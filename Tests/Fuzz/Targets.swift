import Checks
import Planning
import FoundationEssentials
import Host
import HostUse
import Inventory
import KernelSimulator
import Libvirt
import PCI
import Pins
import PCINames
import Report
import Settings
import System
import Transactions

@testable import Pins

/// The readers of untrusted bytes. Each must return, whatever the bytes are.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Configuration space.
  case registers
  /// Attributes of one function and its group, and the module tables, as `scan` and `show` read them.
  case attributes
  /// What the checks read of the host besides: mounts, swap, interfaces, handles.
  case capture
  /// Boot loaders' files, driverctl's, libvirt's, Proxmox's: what `doctor` and `import` read.
  case settings
  /// A file of netplan's, as the checks read it and a snapshot copies it.
  case netplan
  /// A journal or a record of what is held, cut short or by another version.
  case journal
  /// The file of a pin, and the record of what the host uses; vital product data as a card gives it.
  case pins
  /// An initramfs that is not packed: another program unpacks the others.
  case image
  /// A domain's XML.
  case xml
  /// What a user types.
  case selectors
  /// The faults that a capture asks its simulator for.
  case faults
  /// A capture's files, links and folders, changed as bind, release, reset and sriov change them.
  case tree

  public func run(_ bytes: [UInt8]) {
    switch self {
    case .registers: registers(bytes)
    case .attributes: attributes(bytes)
    case .capture: capture(bytes)
    case .settings: settings(bytes)
    case .netplan: netplan(bytes)
    case .journal: journal(bytes)
    case .pins: pins(bytes)
    case .image: image(bytes)
    case .xml: _ = try? readHostdevs(bytes, name: "fuzz.xml")
    case .selectors: selectors(bytes)
    case .faults: _ = try? JSONDecoder().decode(Faults.self, from: Data(bytes))
    case .tree: CaptureTree.play(bytes)
    }
  }

  /// What a record says is carried out by recovery: it must mean the same once written anew, and lead nowhere but to the
  /// functions that it names.
  private func journal(_ bytes: [UInt8]) {
    if let hold = try? JSONDecoder().decode(Hold.self, from: Data(bytes)) {
      check([Placement(hold.function, hold.state)], [Placement(hold.function, hold.home)])
    }
    guard let journal = try? JSONDecoder().decode(Journal.self, from: Data(bytes)) else { return }
    guard let written = try? JSONEncoder().encode(journal),
      (try? JSONDecoder().decode(Journal.self, from: written)) == journal
    else { fatalError("a journal is another one once it was written") }
    for now in [journal.prior, journal.target] { check(now, journal.recoveryGoal(from: now)) }
    _ = journal.busy(on: .system)
  }

  private func check(_ now: [Placement], _ goal: [Placement]) {
    for step in converge(from: now, to: goal) {
      let parts = step.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      let isPCI = step.path.hasPrefix("/sys/bus/pci/devices/") || step.path.hasPrefix("/sys/bus/pci/drivers/")
      if !isPCI || parts.count < 6 || parts.contains(where: { ["", ".", ".."].contains($0) }) {
        fatalError("recovery would write to \(step.path)")
      }
      _ = step.shellLine
    }
  }

  /// Written anew a pin is the same, and on any host it is some function or none.
  private func pins(_ bytes: [UInt8]) {
    _ = VitalProductData(bytes).serialNumber
    guard let pin = try? Pin(name: "fuzz", bytes: bytes) else { return }
    guard (try? Pin(name: "fuzz", bytes: [UInt8](pin.text.utf8))) == pin else {
      fatalError("a pin is another one once it was written")
    }
    let sysfs = MemorySysfs(MemorySysfs.card, MemorySysfs.attributes)
    guard var host = try? Scanner(sysfs).scan() else { fatalError("the host of one card cannot be read") }
    Scanner(sysfs).detail(host.functions.map(\.address), of: &host)
    let found = pin.resolve(in: host)
    if found.status.isFound, found.functions.count != pin.functions.count { fatalError("\(found)") }
    for function in host.functions { _ = EssentialFunctions(bytes: bytes)?.use(of: function, in: host) }
  }

  private static let scratch = FileManager.default.temporaryDirectory.appending(
    path: "hostdev-fuzz-\(UUID().uuidString)")

  private func image(_ bytes: [UInt8]) {
    let isPacked = BootImage.unpackers.contains { !bytes.ranges(of: $0.magic).isEmpty }
    let folder = Self.scratch
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    guard !isPacked, (try? Data(bytes).write(to: folder.appending(path: "image"))) != nil,
      let root = try? Root(folder.path),
      let image = try? BootImage("/image", in: root, isInstalled: FileManager.default.isExecutableFile(atPath:))
    else { return }
    for bytes in image.pins.values { pins(bytes) }
    if let path = image.files.keys.first(where: { !$0.hasPrefix("/etc/hostdev/") }) { fatalError("\(path) was taken") }
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
    let evidence = Evidence(sysfs: sysfs, isRehearsal: true, clock: .system)
    _ = evidence.gather([MemorySysfs.function], in: host)
    _ = SurroundingsReader(sysfs, isCapture: true).read()
  }

  private func settings(_ bytes: [UInt8]) {
    let sysfs = MemorySysfs(bytes, MemorySysfs.settings)
    guard let host = try? Scanner(sysfs).scan() else { return }
    let examination = Examination(
      host: host, surroundings: SurroundingsReader(sysfs, isCapture: true).read(),
      settings: HostSettings(reading: sysfs, functions: host.functions.map(\.address)), isCapture: true)
    _ = Readiness(of: examination)
    _ = examination.importPlan()
  }

  /// What is left of a file without its secrets is read as the same.
  private func netplan(_ bytes: [UInt8]) {
    let plain = configurationWithoutSecrets("/etc/netplan/a.yaml", String(decoding: bytes, as: UTF8.self))
    let again = configurationWithoutSecrets("/etc/netplan/a.yaml", plain)
    if again != plain { fatalError("\(plain)\nis read as\n\(again)") }
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
