import Host
import Sysfs

/// Who has nodes of a set open, and whether all processes could be looked at.
struct HandleArea {
  let sysfs: any Sysfs
  let isRehearsal: Bool
  let host: Host

  /// `virtual`: VFs of the set that are not in it themselves. Only the processes that have one open are reported.
  func gather(
    _ functions: [FunctionWithDevices], virtual: [FunctionWithDevices], processes: [String], into usage: inout Usage
  ) {
    var handles = OpenHandles(sysfs)
    for function in functions + virtual { add(function, to: &handles) }
    // A function without a driver has no node, so that who maps its memory need not have any open.
    let found = handles.gather(processes, withAllMappings: functions.contains { $0.function.driver.isAbsent })
    usage.uses += found.uses
    if functions.contains(where: { isHeldUnseen($0, found.uses) }) {
      usage.uses += handles.gatherMappings(processes).filter { use in
        !found.uses.contains {
          $0.function == use.function && $0.process?.pid == use.process?.pid && $0.chain == use.chain
        }
      }
    }
    let persistence = Persistence(sysfs: sysfs, host: host)
    usage.uses += persistence.uses(
      of: functions, processes: processes, told: Set(usage.uses.filter { $0.kind == .open }.map(\.function)))
    usage.unknown += persistence.doubts(
      functions, told: Set(usage.uses.filter { $0.kind == .open }.map(\.function)))
    usage.descriptorsSeen += found.descriptorsSeen
    usage.processesUnseen += found.processesUnseen
    let reason = doubt(processes, found)
    for function in functions {
      guard let reason = reason ?? doubt(function, processes) else { continue }
      usage.unknown.append(UnknownUse(function: function.address, area: .holders, reason: reason))
    }
  }

  private func add(_ function: FunctionWithDevices, to handles: inout OpenHandles) {
    let own = "\(function.address)"
    handles.add(memoryOf: function)
    if let group = function.function.iommuGroup.value {
      // The kernel prefixes the group's node if there is no IOMMU behind it.
      for node in ["\(group)", "noiommu-\(group)"] {
        handles.add(
          name: "/dev/vfio/\(node)", number: number("/sys/class/vfio/\(node)"),
          means: .init(function: function.address, kind: .vfio(mediated: nil), chain: [own, "/dev/vfio/\(node)"]))
      }
    }
    if let device = function.function.vfioDevice.value {
      handles.add(
        name: "/dev/vfio/devices/\(device)", number: number("/sys/class/vfio-dev/\(device)"),
        means: .init(function: function.address, kind: .vfio(mediated: nil), chain: [own, device]))
    }
    for device in function.devices where device.number != nil {
      handles.add(
        name: device.node, number: device.number,
        means: .init(function: function.address, kind: Self.kind(of: device, function.function), chain: device.chain))
    }
    if let minor = nvidiaMinor(function) {
      handles.add(
        name: "/dev/nvidia\(minor)", number: DeviceNumber(major: 195, minor: minor, isBlock: false),
        means: .init(function: function.address, kind: .node(.other), chain: [own, "nvidia\(minor)"]))
    }
    for mediated in function.function.mediatedDevices {
      guard let group = try? sysfs.linkName("\(function.path)/\(mediated)/iommu_group") else { continue }
      handles.add(
        name: "/dev/vfio/\(group)", number: number("/sys/class/vfio/\(group)"),
        means: .init(
          function: function.address, kind: .vfio(mediated: mediated), chain: [own, mediated, "/dev/vfio/\(group)"]))
    }
    for layer in function.layers where layer.parent != nil {
      handles.add(
        name: "/dev/\(layer.name)", number: layer.number,
        means: .init(function: function.address, kind: .node(.other), chain: layer.chain))
    }
  }

  /// What it means that a process has the node of a device below a function open.
  private static func kind(of device: ChildDevice, _ function: Function) -> OpenHandles.Target.Kind {
    switch device.subsystem {
    // A mediated device's own node is a guest's.
    case "vfio-dev": .vfio(mediated: function.mediatedDevices.first(where: device.chain.contains))
    case "watchdog": .node(.watchdog)
    // The first watchdog has a second node, of the subsystem misc.
    case "misc" where device.name == "watchdog": .node(.watchdog)
    // A `controlD64` of old kernels shows nothing.
    case "drm" where ["card", "renderD"].contains(where: device.name.hasPrefix): .node(.display)
    case "graphics" where device.name.hasPrefix("fb"): .node(.display)
    default: .node(.other)
    }
  }

  /// NVIDIA's own driver makes its nodes (major 195) without any device in sysfs; which one is a card's it says in
  /// procfs: `Device Minor: 0`.
  private func nvidiaMinor(_ function: FunctionWithDevices) -> UInt32? {
    guard function.function.driver.value == "nvidia" else { return nil }
    let key = "Device Minor:"
    let line = sysfs.lines("/proc/driver/nvidia/gpus/\(function.address)/information").first { $0.hasPrefix(key) }
    return line.flatMap { words($0.dropFirst(key.utf8.count)).first }.flatMap { UInt32($0) }
  }

  /// A driver that we know nothing of has its module in use, and no process with a descriptor was found. Of disks,
  /// interfaces and screens the kernel itself holds the module.
  private func isHeldUnseen(_ function: FunctionWithDevices, _ uses: [Use]) -> Bool {
    let known: Set = ["block", "net", "drm", "graphics", "usb", "sound", "input", "scsi_host"]
    guard function.devices.contains(where: { $0.number != nil }),
      !uses.contains(where: { $0.function == function.address }),
      !function.devices.contains(where: { known.contains($0.subsystem) }), let driver = function.function.driver.value,
      let module = try? sysfs.linkName("/sys/bus/pci/drivers/\(driver)/module")
    else { return false }
    let count = sysfs.fact("/sys/module/\(module)/refcnt").value.flatMap { Int($0) } ?? 0
    return count > sysfs.names(in: "/sys/module/\(module)/holders").count
  }

  private func number(_ folder: String) -> DeviceNumber? {
    sysfs.fact("\(folder)/dev").value.flatMap { DeviceNumber($0, isBlock: false) }
  }

  /// A guest holds the group's node: without the group's number it is not known which that is.
  private func doubt(_ function: FunctionWithDevices, _ processes: [String]) -> String? {
    guard function.function.iommuGroup.isUnknown, !processes.isEmpty, !function.isHostDriven else { return nil }
    return "its IOMMU group is not known, so neither is its node in /dev/vfio"
  }

  /// Why holders may have been missed. A capture without processes has none: nothing runs in it.
  private func doubt(_ processes: [String], _ found: Usage) -> String? {
    if !sysfs.exists("/proc") { return "there is no /proc" }
    // With `hidepid=2` a user sees only his own processes.
    if !isRehearsal, !processes.contains("1") { return "/proc does not show all processes" }
    if found.processesUnseen > 0 {
      return "the open files of \(found.processesUnseen) processes could not be looked at"
    }
    return nil
  }
}
