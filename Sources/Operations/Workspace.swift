import Assessment
import Host
import HostUse
import Inventory
import KernelSimulator
import Libvirt
import Links
import PCI
import PCINames
import Report
import Sysfs
import System
import Transactions

/// One host, or capture of one, as a command works on it.
final class Workspace {
  let root: Root
  /// The machine that we run on.
  let isHost: Bool
  /// Reads; writes go through a writer process alone.
  let sysfs: any Sysfs
  let scanner: Scanner
  let evidence: Evidence
  var host: Host
  /// What is in doubt of who the functions are that pins named.
  var identityDoubts: [Finding] = []
  /// We are in an initramfs: what the host will stand on is in the image's record, and nowhere else.
  let isEarly: Bool
  private let names: Names
  private lazy var surroundingsNow = SurroundingsReader(sysfs, isCapture: !isHost).read()

  convenience init(_ options: CommonOptions) throws { try self.init(options, try Self.open(options)) }

  /// The directory is opened once: a link put in its place later leads nobody elsewhere.
  static func open(_ options: CommonOptions) throws -> Root {
    do { return try Root(options.root) } catch {
      throw Diagnostic(
        .notFound, "open --root", path: options.root, errno: error.errno.name,
        next: "name the directory that has the capture's sys/")
    }
  }

  init(_ options: CommonOptions, _ root: Root, isEarly: Bool = false) throws {
    self.root = root
    self.isEarly = isEarly
    isHost = root.isHost
    sysfs = root.hasRealSysfs ? TreeSysfs(root, isWritable: false) : SimulatedSysfs.reading(root)
    openJournals = (try? Ledger(root).openJournals()) ?? []
    scanner = Scanner(sysfs, pending: Self.pending(openJournals))
    evidence = Evidence(
      sysfs: sysfs, isRehearsal: !isHost, sshConnection: isHost ? Environment.value("SSH_CONNECTION") : nil,
      addresses: isHost ? InterfaceAddress.all() : nil)
    names = Names(root: root)
    do { host = try scanner.scan() } catch {
      let isClosed = error.cause.errno == .accessDenied || error.cause.errno == .notPermitted
      throw Diagnostic(
        isClosed ? .notRoot : .malformed, isHost ? "list the PCI functions" : "read the capture \(options.root)",
        path: error.cause.path, errno: error.cause.errno.name,
        next: isClosed
          ? "make it readable for you, or run it as root"
          : isHost
            ? "look whether this kernel has PCI and /sys is mounted"
            : "a capture has sys/bus/pci/devices; hostdev snapshot writes one")
    }
  }

  /// Looks at all functions anew: what was known of them is forgotten.
  func lookAgain() throws(InventoryError) { host = try scanner.scan() }

  var surroundings: Surroundings { surroundingsNow }
  /// The kernel's module tables, read where they are first asked for.
  private(set) lazy var moduleAliases = ModuleAliases(sysfs, surroundings)

  /// What network cards keep of their virtual functions; a host without `ip` has none to ask.
  var links: any VirtualLinks {
    guard isHost else { return SimulatedLinks(SimulatedSysfs(root: root, isReader: true)) }
    if let ip = IPRoute(root) { return ip }
    return NoLinks()
  }

  /// Functions of our own runs whose writer still lives: a write of theirs may never return.
  private static func pending(_ journals: [Journal]) -> Set<Address> {
    Set(
      journals.filter { $0.busy != nil }.flatMap { journal in
        journal.pendingFunctions.isEmpty ? journal.set : Array(journal.pendingFunctions)
      })
  }

  /// Runs whose journal is open. One that cannot be read is for the commands that need it to complain of.
  let openJournals: [Journal]

  func interrupted(_ set: [Address]) -> [Interrupted] {
    interrupted(openJournals.filter { !Set($0.set).isDisjoint(with: set) })
  }

  /// Those of the runs that are no longer at work.
  func interrupted(_ journals: [Journal]) -> [Interrupted] {
    journals.filter { !$0.isUnderWay }.map { journal in
      Interrupted(
        functions: journal.set, command: journal.command.joined(separator: " "),
        path: "\(Ledger.folder)/journal/\(journal.id).json",
        pending: journal.busy.map { "process \($0.pid), \(journal.pending.first?.path ?? "in the kernel")" })
    }
  }

  /// From where we stand the host's processes, interfaces or files cannot be seen.
  var namespaceDoubt: String? { isHost ? OwnNamespaces(root).doubt : nil }

  // MARK: Selectors

  /// What one selector named.
  struct Resolved {
    let text: String
    let selector: Selector
    let functions: [Address]
  }

  func resolve(_ texts: [String]) throws -> [Resolved] {
    let resolver = Resolver(host: host, sysfs: sysfs)
    return try texts.map { text in
      let selector: Selector
      do throws(SelectorError) { selector = try Selector(parsing: text) } catch {
        throw Diagnostic(.usage, "selector '\(text)': \(error.reason)", next: "hostdev list shows what there is")
      }
      let named = try self.named(selector)
      do throws(NoSuchDevice) {
        return Resolved(text: text, selector: selector, functions: try resolver.functions(selector, named: named))
      } catch {
        throw Diagnostic(
          .notFound, "no \(error.lookedFor)", path: error.path,
          next: (error.nearest.map { "the nearest is \($0); " } ?? "") + "hostdev list --all shows what there is")
      }
    }
  }

  /// Addresses that a file names.
  private func named(_ selector: Selector) throws -> [Address] {
    switch selector {
    case .xml(let file):
      let bytes: [UInt8]
      do { bytes = try file == "-" ? StandardInput.read() : WorkingDirectory.read(file) } catch {
        throw Diagnostic(
          .notFound, "read the XML", path: file, errno: error.errno.name,
          next: "name a domain's XML, or - for standard input")
      }
      do {
        let found = try readHostdevs(bytes, name: file)
        if found.isEmpty {
          throw Diagnostic(
            .notFound, "no PCI <hostdev> element", path: file, next: "virsh dumpxml DOMAIN shows what a domain has")
        }
        return found
      } catch let error as XMLError {
        throw Diagnostic(.malformed, "read the XML: \(error)", path: file, next: "xmllint \(file) shows the place")
      }
    case .pin(let name): return try functions(ofPin: name)
    default: return []
    }
  }

  /// One set out of several selectors, in the order of addresses.
  static func set(_ resolved: [Resolved]) -> [Address] { Set(resolved.flatMap(\.functions)).sorted() }

  // MARK: Details

  /// Reads all that matters for these functions: their own attributes, those of their group and bus, of the ports above,
  /// and of physical and virtual functions.
  func detail(_ set: some Sequence<Address>, wake: Bool = false) {
    scanner.detail(set, of: &host, wake: wake)
    var around: Set<Address> = []
    for address in set {
      guard let function = host[address] else { continue }
      around.formUnion(host.functions(onBus: address.segment).map(\.address))
      if let group = function.iommuGroup.value { around.formUnion(host.functions(inGroup: group).map(\.address)) }
      around.formUnion(function.virtualFunctions)
      around.formUnion(function.consumers)
      if let physical = function.physicalFunction.value { around.insert(physical) }
      if let parts = function.devicePath.value?.split(separator: "/") {
        around.formUnion(parts.compactMap { Address($0) })
      }
    }
    scanner.detail(around.subtracting(set).sorted(), of: &host)
    scanner.detailGroups(Set(set.compactMap { host[$0]?.iommuGroup.value }), of: &host)
  }

  func names(of function: Function) -> FunctionNames {
    var found = FunctionNames(classCode: function.classCode.value.flatMap { names.className($0) })
    guard let id = function.id else {
      found.vendor = function.vendorID.value.flatMap { names.vendor($0) }
      return found
    }
    found.vendor = names.vendor(id.vendor)
    found.device = names.device(id)
    if let vendor = function.subsystemVendorID.value, let device = function.subsystemDeviceID.value,
      vendor != 0 || device != 0
    {
      found.subsystem = names.subsystem(of: id, DeviceID(vendor: vendor, device: device))
    }
    return found
  }

  // MARK: Assessment

  func situation(
    _ set: [Address], _ intent: Intent, usage: Usage, matches: [Address: DriverMatch] = [:], held: Set<Address> = []
  ) -> Situation {
    var situation = Situation(
      host: host, set: set, intent: intent, usage: usage, surroundings: surroundings, isRehearsal: !isHost,
      matches: matches,
      held: held)
    situation.interrupted = interrupted(set)
    situation.identity = identityDoubts
    situation.namespaceDoubt = namespaceDoubt
    return situation
  }
}
