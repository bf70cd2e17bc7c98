import Host
import PCI
import Sysfs

/// Network of a set: its interfaces, and whether all of them were shown.
struct NetworkArea {
  let sysfs: any Sysfs
  let isRehearsal: Bool
  let mounts: MountTable
  /// Of the host's own namespace, if they come from the kernel's answer and not from procfs.
  let addresses: [NetworkTables.Local]?
  let ssh: SSHOrigin?
  /// The numeric folders of `/proc`.
  let processes: [String]

  func gather(_ functions: [FunctionWithDevices], into usage: inout Usage) {
    let concerned = functions.filter { $0.has("net") || $0.has("infiniband") }
    if !concerned.isEmpty {
      let tables = NetworkTables(sysfs, addresses)
      let interfaces = InterfaceUse(
        sysfs: sysfs, tables: tables, ssh: ssh, storage: RemoteStorage.all(sysfs, mounts),
        ports: RedundantPort(
          sysfs: sysfs, leaving: Set(concerned.flatMap(\.devices).filter { $0.subsystem == "net" }.map(\.name))),
        stack: stacked)
      for function in concerned {
        usage.uses += interfaces.uses(of: function)
        if let path = tables.unread {
          usage.unknown.append(
            UnknownUse(function: function.address, area: .network, reason: "\(path) could not be read"))
        }
      }
    }
    let unbound = functions.contains { $0.function.driver.isAbsent && $0.function.classCode.value?.isNetwork == true }
    if unbound || functions.contains(where: { $0.has("net") }) {
      let configured = ConfiguredInterfaces(sysfs)
      for function in functions { configured.gather(function, into: &usage) }
    }
    for function in functions where function.isHostDriven && hidesInterfaces(function) {
      usage.unknown.append(UnknownUse(function: function.address, area: .network, reason: hidden))
    }
  }

  /// A driver has made interfaces that are not here: the folder `net` stays when they are gone to another namespace. Of
  /// a virtio function it is the virtio device's, of a USB controller that of each of the things plugged in.
  private func hidesInterfaces(_ function: FunctionWithDevices) -> Bool {
    let carriers = function.devices.filter { ["virtio", "usb"].contains($0.subsystem) }.map(\.path)
    for folder in [function.path] + carriers {
      do {
        if try sysfs.entries("\(folder)/net").isEmpty { return true }
      } catch { if error.errno != .noEntry && error.errno != .notDirectory { return true } }
    }
    // A capture may have left the empty folder out, and the whole function's too.
    let isShown = !isRehearsal && (try? sysfs.entries(function.path)) != nil
    return !isShown && !function.has("net") && function.function.classCode.value?.isNetwork == true
      && !hasOnlyTransport(function)
  }

  /// On virtio-pci, which only carries a virtio device, and that device has no driver yet (virtio_net may be a module
  /// while virtio_pci is built in): there is no interface. A device with a driver has DRIVER in its uevent.
  private func hasOnlyTransport(_ function: FunctionWithDevices) -> Bool {
    let carried = function.devices.filter { $0.subsystem == "virtio" }
    return !carried.isEmpty && carried.allSatisfy { $0.event["MODALIAS"] != nil && $0.event["DRIVER"] == nil }
  }

  /// Why a network function shows no interface. An interface that was moved to a container stays below its function,
  /// but processes outside the container see an empty folder `net`.
  private var hidden: String {
    guard sysfs.exists("/sys/class/net") else { return "/sys/class/net is not there" }
    let others = NetworkNamespaces(sysfs, processes: processes).others
    let few = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? " and \(others.count - 3) more" : "")
    return "no interface of it is shown: it may be in another network namespace"
      + (others.isEmpty ? "" : ", such as that of \(few)")
  }

  /// What the host uses of the disks below these folders.
  private func stacked(_ folders: [String], chain: [String], function: Address) -> [Use] {
    let devices = folders.flatMap { ChildDevices(sysfs: sysfs).devices(below: $0, chain: chain) }
    guard devices.contains(where: \.isBlock) else { return [] }
    var layers = BlockLayers(
      sysfs, mounts: mounts, aliases: DeviceAliases(sysfs), loops: LoopDevice.all(sysfs, mounts))
    layers.add(devices)
    return StorageUse(sysfs: sysfs, mounts: mounts, tables: StorageTables(sysfs, mounts)).uses(of: function, layers)
  }
}
