import Host
import FoundationEssentials
import System

/// Writes that must fail, for tests: given to the simulator, or in `run/hostdev-simulator/faults.json` of the capture.
///
/// ```json
/// {"writes": [{"path": "/sys/bus/pci/drivers/vfio-pci/bind", "value": "0000:01:00.1", "errno": "EIO", "times": 1}],
///  "nth": {"3": {"errno": "EBUSY", "milliseconds": 100}},
///  "probes": {"xocl": {"errno": "EAGAIN", "times": 3}},
///  "modules": {"vfio_pci": "modprobe: FATAL: Module vfio-pci not found"}}
/// ```
/// A write that fails so changes nothing. `path` may end in `*`; without `value` any is meant, without `errno` the write
/// only takes `milliseconds` longer, without `times` it fails for ever. `nth` counts the writes to this capture, from 1,
/// by all processes since the file appeared (`writes` beside it holds the count). `probes` are what a driver's own probe
/// answers, EAGAIN for one that is deferred: `bind` is told, `drivers_probe` and who loads a module are not.
public struct Faults: Codable, Sendable, Equatable {
  public struct Fault: Codable, Sendable, Equatable {
    public var path: String?
    public var value: String?
    /// `EIO`, by name.
    public var errno: String?
    public var milliseconds: UInt32?
    public var times: Int?

    public init(
      path: String? = nil, value: String? = nil, errno: String? = nil, milliseconds: UInt32? = nil, times: Int? = nil
    ) {
      self.path = path
      self.value = value
      self.errno = errno
      self.milliseconds = milliseconds
      self.times = times
    }

    /// This write is meant.
    func meets(_ path: String, _ value: String) -> Bool {
      guard let wanted = self.path else { return false }
      let fits = wanted.hasSuffix("*") ? path.hasPrefix(wanted.dropLast()) : path == wanted
      return fits && (self.value.map { $0 == value } ?? true)
    }
  }

  public var writes: [Fault]?
  public var nth: [String: Fault]?
  public var probes: [String: Fault]?
  /// What modprobe says instead of loading the module.
  public var modules: [String: String]?

  public init(
    writes: [Fault]? = nil, nth: [String: Fault]? = nil, probes: [String: Fault]? = nil,
    modules: [String: String]? = nil
  ) {
    self.writes = writes
    self.nth = nth
    self.probes = probes
    self.modules = modules
  }
}

/// The faults of one capture, and how often each was met.
struct FaultPlan: Sendable {
  private let given: Faults?
  private let tree: Tree
  private let clock: Clock

  init(_ given: Faults?, _ tree: Tree, clock: Clock) {
    self.clock = clock
    self.given = given
    self.tree = tree
  }

  private var faults: Faults? {
    if let given { return given }
    guard let bytes = tree.bytes("\(Hidden.folder)/faults.json") else { return nil }
    return try? JSONDecoder().decode(Faults.self, from: Data(bytes))
  }

  /// The fault that this write meets; counts it. Called once a write, with the capture's lock held.
  func met(_ path: String, _ value: [UInt8]) throws(Refusal) -> Faults.Fault? {
    guard let faults else { return nil }
    if let nth = faults.nth {
      let count = try counted("writes")
      if let fault = nth["\(count)"] { return fault }
    }
    let text = lineText(value)
    for (index, fault) in (faults.writes ?? []).enumerated() where fault.meets(path, text) {
      guard let times = fault.times else { return fault }
      if try counted("met-\(index)") <= times { return fault }
    }
    return nil
  }

  /// What this probe of a driver answers, and takes; counts it.
  func probe(_ driver: String) throws(Refusal) -> Errno? {
    guard let fault = faults?.probes?[driver] else { return nil }
    if let times = fault.times, try counted("probes-\(driver)") > times { return nil }
    clock.sleep(milliseconds: Int(fault.milliseconds ?? 0))
    return fault.errno.flatMap { Errno(name: $0) }
  }

  func module(_ name: String) -> String? {
    faults?.modules?.first { ModuleNames.spelled($0.key) == ModuleNames.spelled(name) }?.value
  }

  private func counted(_ name: String) throws(Refusal) -> Int {
    let path = "\(Hidden.folder)/\(name)"
    let count = (tree.text(path).flatMap { Int($0) } ?? 0) + 1
    try tree.put(path, "\(count)\n")
    return count
  }
}
