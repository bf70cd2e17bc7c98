import Host
import PCI
import Sysfs
import System

/// Finds out what the host, or a guest, does with a set of functions.
///
/// Opens no device node, writes nothing and asks nothing that could block or wake a disk: all of it is read from sysfs,
/// procfs, `/etc` and udev's database.
public struct Evidence: Sendable {
  let sysfs: any Sysfs
  let isRehearsal: Bool
  private let clock: Clock
  let sshConnection: String?
  private let addresses: [NetworkTables.Local]?

  /// `isRehearsal`: the tree is a capture, whose processes are not running.
  /// `sshConnection`: the environment's SSH_CONNECTION, `client port server port`.
  /// `addresses`: of the host's interfaces as the kernel lists them; nil to read them of procfs, as of a capture.
  public init(
    sysfs: any Sysfs, isRehearsal: Bool, sshConnection: String? = nil, addresses: [InterfaceAddress]? = nil,
    clock: Clock
  ) {
    self.clock = clock
    self.sysfs = sysfs
    self.isRehearsal = isRehearsal
    self.sshConnection = sshConnection
    self.addresses = addresses.map { NetworkTables.locals($0) }
  }

  /// Evidence for the set alone, in one pass over its folders and one over the processes. Never fails: what could not
  /// be read is `unknown`.
  public func gather(_ set: [Address], in host: Host) -> Usage {
    let processes = sysfs.names(in: "/proc").filter { UInt32($0) != nil }
    var functions = set.compactMap { host[$0] }.map { FunctionWithDevices(function: $0, devices: []) }
    var usage = Usage()

    for place in functions.indices where functions[place].isHostDriven {
      let function = functions[place]
      let own = NotingSysfs(sysfs)
      functions[place].devices = devices(of: function, own)
      // What stands below it may be anything that its class can have.
      usage.note(own.unread, as: Self.areas(of: function.function), of: [function.address])
    }
    let memory = MemoryArea(sysfs)
    memory.addDevices(to: &functions)
    let hasMountable = functions.contains { $0.devices.contains { ["block", "nvme", "net"].contains($0.subsystem) } }
    let ofStorage = NotingSysfs(sysfs)
    let mounts = hasMountable ? MountTable(ofStorage, processes: processes) : MountTable()
    StorageArea(sysfs: ofStorage, mounts: mounts).gather(&functions, into: &usage)
    let ofNetwork = NotingSysfs(sysfs)
    NetworkArea(
      sysfs: ofNetwork, isRehearsal: isRehearsal, mounts: mounts, addresses: addresses, ssh: ssh, processes: processes
    ).gather(functions, into: &usage)
    let ofPeripherals = NotingSysfs(sysfs)
    PeripheralArea(sysfs: ofPeripherals, host: host).gather(functions, into: &usage)
    usage.note(ofStorage.unread, as: [.storage], of: functions.filter(\.mayHaveStorage).map(\.address))
    usage.note(
      ofNetwork.unread, as: [.network], of: functions.filter { $0.has("net") || $0.has("infiniband") }.map(\.address))
    for function in functions where function.isHostDriven {
      usage.note(ofPeripherals.unread, as: function.peripheralAreas, of: [function.address])
    }
    memory.gather(functions, into: &usage)
    let virtual = functions.flatMap(\.function.virtualFunctions).filter { !set.contains($0) }
      .compactMap { host[$0] }.map { FunctionWithDevices(function: $0, devices: []) }
    HandleArea(sysfs: sysfs, isRehearsal: isRehearsal, host: host).gather(
      functions, virtual: virtual, processes: processes, into: &usage)
    for function in functions {
      let condition = Condition(of: function, sysfs)
      if condition != Condition() { usage.conditions[function.address] = condition }
    }
    usage.uses.sort { $0.function < $1.function }
    usage.unknown.sort { $0.function < $1.function }
    return usage
  }

  /// What stands below a function. A controller that a driver has only just got shows its disks when it is ready: what
  /// is bound right after a release is waited for, two seconds at most.
  private func devices(of function: FunctionWithDevices, _ sysfs: any Sysfs) -> [ChildDevice] {
    let tree = ChildDevices(sysfs: sysfs)
    func walk() -> [ChildDevice] { tree.devices(below: function.path, chain: ["\(function.address)"]) }
    let deadline = clock.now + .seconds(2)
    var found = walk()
    while !isRehearsal, found.contains(where: isStarting), clock.now < deadline {
      clock.sleep(milliseconds: 50)
      found = walk()
    }
    return found
  }

  /// What a function of this class may have below it.
  private static func areas(of function: Function) -> [UnknownUse.Area] {
    switch function.classCode.value?.base {
    case 0x01: [.storage]
    case 0x02: [.network]
    case 0x03: [.display]
    case 0x0c: [.storage, .network, .input]
    default: [.storage, .network, .display, .input]
    }
  }

  /// An NVMe controller before its first `live`.
  private func isStarting(_ device: ChildDevice) -> Bool {
    device.subsystem == "nvme" && device.number != nil
      && ["new", "connecting", "resetting"].contains(sysfs.fact("\(device.path)/state").value)
  }

  private var ssh: SSHOrigin? {
    if let origin = SSHOrigin(sshConnection) { return origin }
    // In a capture no process is an ancestor of this one.
    return isRehearsal ? nil : SSHOrigin.ofAncestors(sysfs)
  }
}

extension FunctionWithDevices {
  /// It has disks, or interfaces that mounts of other hosts come through.
  fileprivate var mayHaveStorage: Bool {
    hasDisks || has("nvme") || has("net") || (isHostDriven && function.classCode.value?.isStorage == true)
  }

  /// Screens of a display; keyboards of whatever has input devices or a USB bus below it.
  fileprivate var peripheralAreas: [UnknownUse.Area] {
    let hasScreen = has("drm") || has("graphics") || function.classCode.value?.isDisplay == true
    return (hasScreen ? [.display] : []) + (has("input") || has("usb") ? [.input] : [])
  }
}
