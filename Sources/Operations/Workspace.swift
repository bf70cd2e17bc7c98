import Checks
import Host
import HostUse
import Inventory
import KernelSimulator
import Links
import PCI
import Sysfs
import System
import Transactions

/// One host, or capture of one, as an operation works on it.
public final class Workspace {
  public let root: Root
  let invocation: Invocation
  let records: Records
  var runtime: Runtime { invocation.runtime }
  /// The machine that we run on.
  public let isHost: Bool
  /// Reads; writes go through a writer process alone.
  let sysfs: any Sysfs
  let scanner: Scanner
  let evidence: Evidence
  public internal(set) var host: Host
  /// What is in doubt of who the functions are that pins named.
  var identityDoubts: [Finding] = []
  /// We are in an initramfs: only the image's record says what the host will use.
  let isEarly: Bool
  private(set) lazy var surroundings = SurroundingsReader(sysfs, isCapture: !isHost).read()

  public convenience init(_ invocation: Invocation) throws(Diagnostic) {
    try self.init(invocation, try Self.open(invocation))
  }

  /// The directory is opened once: if a link replaces it later, that has no effect.
  public static func open(_ invocation: Invocation) throws(Diagnostic) -> Root {
    do { return try invocation.openRoot(invocation.root, invocation.runtime.clock) } catch {
      throw Diagnostic(
        .notFound, "cannot open --root", path: invocation.root, errno: error.errno.name,
        next: "name the directory that contains the capture's sys/")
    }
  }

  init(_ invocation: Invocation, _ root: Root, isEarly: Bool = false) throws(Diagnostic) {
    self.invocation = invocation
    self.root = root
    self.isEarly = isEarly
    isHost = root.isHost
    sysfs =
      root.hasRealSysfs
      ? TreeSysfs(root, isWritable: false) : SimulatedSysfs.reading(root, clock: invocation.runtime.clock)
    records = Records(root, invocation.runtime)
    openJournals = (try? records.openJournals()) ?? []
    scanner = Scanner(sysfs, pending: openJournals.blocked(on: invocation.runtime))
    evidence = Evidence(
      sysfs: sysfs, isRehearsal: !isHost, sshConnection: isHost ? invocation.sshConnection : nil,
      addresses: isHost ? InterfaceAddress.all() : nil, clock: invocation.runtime.clock)
    do { host = try scanner.scan() } catch {
      let isClosed = error.cause.errno == .accessDenied || error.cause.errno == .notPermitted
      throw Diagnostic(
        isClosed ? .notRoot : isHost && error.cause.errno == .noEntry ? .missing : .malformed,
        isHost ? "cannot list the PCI functions" : "cannot read the capture \(invocation.root)",
        path: error.cause.path, errno: error.cause.errno.name,
        next: isClosed
          ? "run it as root, or make it readable for you"
          : isHost
            ? "check that this kernel has PCI and that /sys is mounted"
            : "a capture contains sys/bus/pci/devices; to take one: hostdev snapshot DIR")
    }
  }

  /// Looks at all functions anew: what was known of them is forgotten.
  func lookAgain() throws(InventoryError) { host = try scanner.scan() }

  /// The kernel's module tables, read where they are first asked for.
  private(set) lazy var moduleAliases = ModuleAliases(sysfs, surroundings)

  /// What network cards keep of their virtual functions; a host without `ip` has none to ask.
  var links: any VirtualLinks {
    guard isHost else {
      return SimulatedLinks(SimulatedSysfs(root: root, isReader: true, clock: invocation.runtime.clock))
    }
    if let ip = IPRoute(root, clock: invocation.runtime.clock) { return ip }
    return NoLinks()
  }

  /// Runs whose journal is open. One that cannot be read is for the commands that need it to complain of.
  let openJournals: [Journal]

  func interrupted(_ set: [Address]) -> [Interrupted] {
    interrupted(openJournals.filter { !Set($0.set).isDisjoint(with: set) })
  }

  /// Those of the runs whose process has ended.
  func interrupted(_ journals: [Journal]) -> [Interrupted] {
    journals.filter { !$0.isUnderWay(on: runtime) }.map { journal in
      Interrupted(
        functions: journal.set, command: journal.command.joined(separator: " "),
        path: "\(Records.folder)/journal/\(journal.id).json",
        pending: journal.busy(on: runtime).map {
          "process \($0.pid), \(journal.pending.first?.path ?? "in the kernel")"
        })
    }
  }

  /// From where we stand the host's processes, interfaces or files cannot be seen.
  var namespaceDoubt: String? { isHost ? OwnNamespaces(root).doubt : nil }

  // MARK: Details

  /// Reads all that matters for these functions: their own attributes, those of their group and bus, of the ports above,
  /// and of physical and virtual functions.
  public func detail(_ set: some Sequence<Address>, wake: Bool = false) {
    scanner.detail(set, of: &host, wake: wake)
    let around = set.reduce(into: Set<Address>()) { $0.formUnion(neighbours(of: $1)) }
    scanner.detail(around.subtracting(set).sorted(), of: &host)
    scanner.detailGroups(Set(set.compactMap { host[$0]?.iommuGroup.value }), of: &host)
  }

  /// Functions that a rule may look at for this one.
  func neighbours(of address: Address) -> Set<Address> {
    guard let function = host[address] else { return [] }
    var around = Set(host.functions(onBus: address.segment).map(\.address))
    if let group = function.iommuGroup.value { around.formUnion(host.functions(inGroup: group).map(\.address)) }
    around.formUnion(function.virtualFunctions)
    around.formUnion(function.consumers)
    if let physical = function.physicalFunction.value { around.insert(physical) }
    if let parts = function.devicePath.value?.split(separator: "/") {
      around.formUnion(parts.compactMap { Address($0) })
    }
    return around
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

  /// The set with all that it lacks, every function of it looked at; nil if it lacks nothing. `seen`: those that were
  /// looked at already.
  func completed(_ situation: Situation, seen: Set<Address> = []) -> [Address]? {
    var situation = situation
    var whole = situation.set
    while true {
      let more = Assessment.missing(in: situation)
      if more.isEmpty { return nil }
      let larger = Set(whole).union(more).sorted()
      if larger == whole { return whole }
      whole = larger
      if !seen.isSuperset(of: whole) { detail(whole) }
      situation.host = host
    }
  }
}
