import Host
import PCI

extension Kernel {
  /// Puts in place what follows from a function's `driver` link, its `sriov_numvfs` and its removal. Done twice it
  /// changes nothing the second time.
  func settle(_ address: Address) throws(Refusal) {
    try settleRemoval(address)
    guard let device = device(address) else { return }
    let driver = device.driver
    try settleDriverLinks(device, driver)
    // While an unbind waits for a holder the links are gone, and the driver is still there.
    let remaining = driver ?? hidden.pending(address)
    try settleAttributes(device, remaining)
    try settleVFIO(device, isVFIO: (keepsVFIODevice ? remaining : driver).map(VFIODriver.isVFIO) ?? false)
    try settleVirtualFunctions(device)
    try settleRootBuses(device, remaining)
  }

  private func settleDriverLinks(_ device: SimulatedDevice, _ driver: String?) throws(Refusal) {
    for name in tree.names(BusPath.drivers) where name != driver {
      let path = "\(BusPath.driver(name))/\(device.address)"
      if tree.isLink(path) { try tree.remove(path) }
    }
    guard let driver else { return }
    let folder = BusPath.driver(driver)
    try tree.makeFolder(folder)
    try tree.link(
      "\(folder)/\(device.address)", to: upToSys(from: folder) + device.folder.dropFirst("/sys/".utf8.count))
  }

  private func settleAttributes(_ device: SimulatedDevice, _ driver: String?) throws(Refusal) {
    if let text = device.text("uevent") {
      var lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("DRIVER=") }
      if let driver { lines.insert("DRIVER=\(driver)", at: 0) }
      try tree.update(device.path("uevent"), lines.map { "\($0)\n" }.joined())
    }
    let isIdle = driver.map(VFIODriver.isVFIO) ?? false
    // vfio-pci enables a device when it is opened, and lets it sleep until then; a native driver enables it in probe.
    // A bridge stays as it is: its buses stay up without a driver.
    guard !device.isBridge else { return }
    try tree.update(device.path("enable"), driver == nil || isIdle || driver == "pci-stub" ? "0\n" : "1\n")
    try tree.update(device.path("power_state"), isIdle ? "D3hot\n" : "D0\n")
    try tree.update(device.path("power/runtime_status"), isIdle ? "suspended\n" : "active\n")
  }

  private func settleVFIO(_ device: SimulatedDevice, isVFIO: Bool) throws(Refusal) {
    let folder = device.path("vfio-dev")
    if isVFIO, tree.names(folder).isEmpty {
      let taken = Set(addresses.flatMap { tree.names(self.device($0)?.path("vfio-dev") ?? "") })
      let name = (0...).lazy.map { "vfio\($0)" }.first { !taken.contains($0) }
      try tree.makeFolder("\(folder)/\(name ?? "vfio0")")
    } else if !isVFIO {
      try tree.removeAll(folder)
    }
    guard let group = device.group else { return }
    try settleGroupNode(group)
  }

  /// `/dev/vfio/N` is there as long as a member of the group has a VFIO device, or is being taken from VFIO. A plain file
  /// stands for the node.
  func settleGroupNode(_ group: Int) throws(Refusal) {
    let node = "/dev/vfio/\(group)"
    let isNeeded = members(ofGroup: group).contains {
      hidden.pending($0) != nil || device($0).map { !tree.names($0.path("vfio-dev")).isEmpty } ?? false
    }
    guard isNeeded else { return try tree.remove(node) }
    try tree.makeFolder("/dev/vfio")
    if !tree.exists("/dev/vfio/vfio") { try tree.put("/dev/vfio/vfio", "") }
    if !tree.exists(node) { try tree.put(node, "") }
  }
}
