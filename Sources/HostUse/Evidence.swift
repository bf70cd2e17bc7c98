import Host
import PCI
import Sysfs

/// Finds out what the host, or a guest, does with a set of functions.
///
/// Opens no device node, writes nothing and asks nothing that could block or wake a disk: all of it is read from sysfs,
/// procfs, `/etc` and udev's database.
public struct Evidence: Sendable {
  let sysfs: any Sysfs
  let isRehearsal: Bool
  let sshConnection: String?

  /// `isRehearsal`: the tree is a capture, whose processes are not running.
  /// `sshConnection`: the environment's SSH_CONNECTION, `client port server port`.
  public init(sysfs: any Sysfs, isRehearsal: Bool, sshConnection: String? = nil) {
    self.sysfs = sysfs
    self.isRehearsal = isRehearsal
    self.sshConnection = sshConnection
  }

  /// Evidence for the set alone, in one pass over its folders and one over the processes. Never fails: what could not
  /// be read is `unknown`.
  public func gather(_ set: [Address], in host: Host) -> Usage {
    let processes = sysfs.names(in: "/proc").filter { UInt32($0) != nil }
    var functions = set.compactMap { host[$0] }.map { Surveyed(function: $0, devices: []) }
    var usage = Usage()

    for place in functions.indices where functions[place].isHostDriven {
      guard let path = functions[place].function.devicePath.value else { continue }
      functions[place].devices = DeviceTree(sysfs: sysfs).devices(below: path, chain: ["\(functions[place].address)"])
    }
    gatherStorage(&functions, processes, into: &usage)
    gatherNetwork(functions, into: &usage)
    gatherPeripherals(functions, in: host, into: &usage)
    gatherHandles(functions, processes, into: &usage)
    usage.uses.sort { $0.function < $1.function }
    usage.unknown.sort { $0.function < $1.function }
    return usage
  }

  private func gatherStorage(_ functions: inout [Surveyed], _ processes: [String], into usage: inout Usage) {
    for place in functions.indices {
      let function = functions[place]
      for controller in function.devices where controller.subsystem == "nvme" {
        switch NamespaceSharing(sysfs: sysfs).devices(of: controller, below: function.devices) {
        case .devices(let shared): functions[place].devices += shared
        case .unknown(let reason):
          usage.unknown.append(UnknownUse(function: function.address, area: .storage, reason: reason))
        }
      }
    }
    let disks = functions.filter { $0.devices.contains { $0.isBlock } }
    if !disks.isEmpty {
      let mounts = MountTable(sysfs, processes: processes)
      let aliases = DeviceAliases(sysfs)
      let loops = LoopDevice.all(sysfs)
      let storage = StorageUse(sysfs: sysfs, mounts: mounts, tables: StorageTables(sysfs))
      for place in functions.indices where functions[place].devices.contains(where: { $0.isBlock }) {
        var layers = BlockLayers(sysfs, mounts: mounts, aliases: aliases, loops: loops)
        layers.add(functions[place].devices)
        functions[place].layers = layers.layers
        usage.uses += storage.uses(of: functions[place].address, layers.layers)
        if mounts.isUnknown {
          usage.unknown.append(
            UnknownUse(function: functions[place].address, area: .storage, reason: "no mountinfo could be read"))
        }
      }
    }
    for function in functions { usage.unknown += StorageDoubt(sysfs: sysfs).doubts(function) }
  }

  private func gatherNetwork(_ functions: [Surveyed], into usage: inout Usage) {
    let concerned = functions.filter { function in
      function.devices.contains { $0.subsystem == "net" || $0.subsystem == "infiniband" }
    }
    let words = (sshConnection ?? "").split(separator: " ")
    let tables = concerned.isEmpty ? nil : NetworkTables(sysfs)
    if let tables {
      let interfaces = InterfaceUse(
        sysfs: sysfs, tables: tables, sshAddress: words.count == 4 ? NetworkAddress(words[2]) : nil,
        sshPeer: words.first.flatMap { NetworkAddress($0) })
      for function in concerned {
        usage.uses += interfaces.uses(of: function)
        if tables.isUnknown {
          usage.unknown.append(
            UnknownUse(function: function.address, area: .network, reason: "/proc/net/route could not be read"))
        }
      }
    }
    for function in functions where function.isHostDriven && function.function.classCode.value?.isNetwork == true {
      // An interface that was moved to a container stays below its function, but is not shown to us.
      if !function.devices.contains(where: { $0.subsystem == "net" }) {
        usage.unknown.append(
          UnknownUse(
            function: function.address, area: .network,
            reason: "no interface of it is shown: it may be in another network namespace"))
      }
    }
  }

  private func gatherPeripherals(_ functions: [Surveyed], in host: Host, into usage: inout Usage) {
    let display = DisplayUse(sysfs: sysfs, host: host, set: Set(functions.map(\.address)))
    let input = InputUse(
      sysfs: sysfs, goes: functions.compactMap(\.function.devicePath.value).map { String($0.dropFirst("/sys".count)) })
    let services = functions.contains { !$0.devices.isEmpty } ? ServiceUse(sysfs) : nil
    for function in functions {
      usage.uses += display.uses(of: function) + input.uses(of: function) + (services?.uses(of: function) ?? [])
      usage.unknown += display.doubts(function) + input.doubts(function)
    }
  }

  private func gatherHandles(_ functions: [Surveyed], _ processes: [String], into usage: inout Usage) {
    var handles = OpenHandles(sysfs)
    for function in functions {
      let name = "\(function.address)"
      if let group = function.function.iommuGroup.value {
        for node in ["\(group)", "noiommu-\(group)"] {
          let number = sysfs.fact("/sys/class/vfio/\(node)/dev").value.flatMap { DeviceNumber($0, isBlock: false) }
          handles.add(
            name: "/dev/vfio/\(node)", number: number,
            .init(function: function.address, kind: .vfioOpen, chain: [name, "/dev/vfio/\(node)"]))
        }
      }
      if let device = function.function.vfioDevice.value {
        let number = sysfs.fact("/sys/class/vfio-dev/\(device)/dev").value.flatMap { DeviceNumber($0, isBlock: false) }
        handles.add(
          name: "/dev/vfio/devices/\(device)", number: number,
          .init(function: function.address, kind: .vfioOpen, chain: [name, device]))
      }
      for device in function.devices where device.number != nil {
        handles.add(
          name: device.node, number: device.number,
          .init(function: function.address, kind: .open, chain: device.chain))
      }
      for layer in function.layers where layer.kind == .stacked {
        handles.add(
          name: "/dev/\(layer.name)", number: layer.number,
          .init(function: function.address, kind: .open, chain: layer.chain))
      }
    }
    let found = handles.gather(processes)
    usage.uses += found.uses
    usage.descriptorsSeen += found.descriptorsSeen
    usage.processesUnseen += found.processesUnseen
    guard let reason = holderDoubt(processes, found) else { return }
    for function in functions {
      usage.unknown.append(UnknownUse(function: function.address, area: .holders, reason: reason))
    }
  }

  /// Why holders may have been missed. A capture without processes has none: nothing runs in it.
  private func holderDoubt(_ processes: [String], _ found: Usage) -> String? {
    if !sysfs.exists("/proc") { return "there is no /proc" }
    if isRehearsal { return nil }
    if processes.isEmpty { return "no process is shown in /proc" }
    if found.processesUnseen > 0 {
      return "the open files of \(found.processesUnseen) processes could not be looked at"
    }
    return nil
  }
}
