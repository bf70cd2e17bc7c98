import Host
import PCI
import Sysfs
import System

/// Who has device nodes of the set open: one pass over all processes.
struct OpenHandles {
  let sysfs: any Sysfs

  /// A node whose open file means that its function is in use.
  struct Target: Sendable {
    enum Kind: Sendable {
      case node(Use.Node.Kind)
      /// A node of VFIO's, of this mediated device if it is one's.
      case vfio(mediated: String?)
    }

    let function: Address
    let kind: Kind
    let chain: [String]

    func use(by process: Use.Process, of node: String, isMapped: Bool) -> Use {
      let what: Use.What =
        switch kind {
        case .node(let kind): .open(process, Use.Node(node, kind, isMapped: isMapped))
        case .vfio(let mediated): .vfioOpen(process, mediated: mediated)
        }
      return Use(what, of: function, chain: chain)
    }
  }

  private var numbers: [DeviceNumber: [Target]] = [:]
  private var names: [String: [Target]] = [:]
  /// Those of which nothing but the name is known.
  private var unnumbered: [String: [Target]] = [:]
  /// How the paths of a function's `resource0` … begin.
  private var memory: [(prefix: String, function: Address)] = []

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  mutating func add(name: String?, number: DeviceNumber?, means target: Target) {
    if let number { numbers[number, default: []].append(target) }
    guard let name else { return }
    names[name, default: []].append(target)
    if number == nil { unnumbered[name, default: []].append(target) }
  }

  /// A function's memory (`resource0`) is mapped without a node, and without a driver too.
  mutating func add(memoryOf function: FunctionWithDevices) {
    memory.append((function.path + "/resource", function.address))
  }

  /// Uses by the processes, and how many descriptors and processes were and were not seen.
  func gather(_ processes: [String], withAllMappings readsAll: Bool) -> Usage {
    var usage = Usage()
    for process in processes {
      let open: OpenDevices
      do { open = try sysfs.openDevices("/proc/\(process)/fd") } catch {
        // Gone meanwhile; in a capture, a process of which the files were not taken.
        if error.errno != .noEntry && error.errno != .noProcess { usage.processesUnseen += 1 }
        continue
      }
      usage.descriptorsSeen += open.seen
      let mapped = readsAll || Mappings.areWorthReading(of: open) ? Mappings(sysfs, process).names : []
      usage.uses += uses(by: process, open.devices, mapped: mapped)
    }
    return usage
  }

  /// Uses by mappings alone, of all processes: for functions in use of which no process has a descriptor.
  func gatherMappings(_ processes: [String]) -> [Use] {
    processes.flatMap { uses(by: $0, [], mapped: Mappings(sysfs, $0).names) }
  }

  private func uses(by process: String, _ open: [OpenDevice], mapped: [String]) -> [Use] {
    var uses: [Use] = []
    var told: Set<String> = []
    for (device, isMapped) in open.map({ ($0, false) }) + mapped.map({ (OpenDevice(name: $0, number: nil), true) }) {
      for target in targets(device) where told.insert("\(target.function) \(target.chain)").inserted {
        guard let user = Use.Process(sysfs, process) else { continue }
        uses.append(target.use(by: user, of: device.name, isMapped: isMapped))
      }
    }
    return uses
  }

  /// By its numbers if they could be read: a name may mean another device in a container.
  private func targets(_ device: OpenDevice) -> [Target] {
    if device.name.hasPrefix("/sys/") {
      return memory.filter { device.name.hasPrefix($0.prefix) }.map {
        Target(function: $0.function, kind: .node(.other), chain: ["\($0.function)", lastName(device.name)])
      }
    }
    return switch device.number {
    case .blockDevice(let major, let minor): numbers[DeviceNumber(major: major, minor: minor, isBlock: true)] ?? []
    case .characterDevice(let major, let minor):
      numbers[DeviceNumber(major: major, minor: minor, isBlock: false)] ?? unnumbered[device.name] ?? []
    default: names[OpenDevice.plainName(device.name)] ?? []
    }
  }
}
