import Sysfs

/// Native NVMe multipath: a controller's disks belong to its subsystem and stand under
/// `/sys/devices/virtual/nvme-subsystem`, not below the PCI function.
struct NamespaceSharing {
  let sysfs: any Sysfs

  enum Answer {
    /// The subsystem's devices; none if the controller has no namespaces.
    case devices([ChildDevice])
    /// Why they cannot be told.
    case unknown(String)
  }

  /// What a controller carries besides the devices that stand below it. `below`: those.
  func devices(of controller: ChildDevice, below: [ChildDevice]) -> Answer {
    let folder = "/sys/class/nvme-subsystem"
    let own = below.filter { $0.path.hasPrefix(controller.path + "/") }
    // A hidden path (`nvme0c0n1`) has no device number; its disk is elsewhere.
    let hasHiddenPath = own.contains { $0.subsystem == "block" && $0.number == nil }
    let hasDisk = own.contains { $0.isBlock }
    guard let names = try? sysfs.entries(folder) else {
      return hasDisk && !hasHiddenPath ? .devices([]) : .unknown("\(folder) could not be read")
    }
    for name in names where sysfs.exists("\(folder)/\(name)/\(controller.name)") {
      let shared = ChildDevices(sysfs: sysfs).devices(below: "\(folder)/\(name)", chain: controller.chain + [name])
      let disks = shared.filter { $0.isBlock }
      if disks.isEmpty, hasHiddenPath {
        return .unknown("\(folder)/\(name) shows none of the disks of \(controller.name)")
      }
      if disks.isEmpty, !hasDisk, let state = sysfs.fact("\(controller.path)/state").value, state != "live" {
        return .unknown("\(controller.name) is \(state): its namespaces are not known yet")
      }
      return .devices(shared)
    }
    return hasDisk && !hasHiddenPath ? .devices([]) : .unknown("\(folder) does not name \(controller.name)")
  }
}
