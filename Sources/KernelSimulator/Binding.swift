import Host
import PCI
import System

extension Kernel {
  /// `drivers/D/bind`.
  func bind(_ driver: String, _ value: [UInt8]) throws(Refusal) {
    let device = try device(named: value)
    try waitForLock(device)
    guard matches(driver, device) else { throw .errno(.noDevice) }
    guard device.driver == nil else { throw .errno(.busy) }
    try probe(driver, device)
  }

  /// `drivers_probe`: success says nothing. Only a group that VFIO owns is told, as EINVAL.
  func probe(_ value: [UInt8]) throws(Refusal) {
    let device = try device(named: value)
    try waitForLock(device)
    guard device.driver == nil else { return }
    for driver in candidates(device) {
      if isKeptAway(driver, device) { throw .errno(.invalid) }
      if try offer(device, to: driver) { return }
    }
  }

  /// What the bus does for a function that is new or never had a driver. No error is reported.
  func autoprobe(_ device: SimulatedDevice) throws(Refusal) {
    guard tree.text("\(BusPath.bus)/drivers_autoprobe") != "0", device.driver == nil else { return }
    for driver in candidates(device) { if try offer(device, to: driver) { return } }
  }

  /// True if the driver took it; a probe that failed is swallowed.
  @discardableResult
  func offer(_ device: SimulatedDevice, to driver: String) throws(Refusal) -> Bool {
    if try probeErrno(driver, device) != nil { return false }
    try take(device, driver)
    return true
  }

  private func probe(_ driver: String, _ device: SimulatedDevice) throws(Refusal) {
    if let errno = try probeErrno(driver, device) { throw .errno(errno) }
    try take(device, driver)
  }

  private func take(_ device: SimulatedDevice, _ driver: String) throws(Refusal) {
    try change(device) { () throws(Refusal) in
      try tree.link(device.path("driver"), to: upToSys(from: device.folder) + "bus/pci/drivers/\(driver)")
    }
  }

  /// What the probe of a matching driver answers; nil is success.
  private func probeErrno(_ driver: String, _ device: SimulatedDevice) throws(Refusal) -> Errno? {
    if isKeptAway(driver, device) { return .busy }
    if let errno = try faults.probe(driver) { return errno }
    // A register of the function reads all ones, by which its driver sees that it is gone (`nvme_pci_enable`, …).
    if !VFIODriver.leavesGroupViable(driver), device.configuration.isAllOnes { return .noDevice }
    guard VFIODriver.isVFIO(driver) else { return nil }
    // vfio_pci_core_register_device: header type 0 only. It reads no register that a dead function would answer for.
    if device.isBridge { return .invalid }
    if virtualFunctionCount(device) > 0 { return .busy }
    // VFIO needs a group. A capture that never had the groups' folder says nothing of them.
    if device.group == nil, tree.exists(BusPath.groups) { return .invalid }
    return nil
  }

  /// The group is a guest's, and this driver does DMA in it (`driver_managed_dma` is not set for it).
  private func isKeptAway(_ driver: String, _ device: SimulatedDevice) -> Bool {
    guard !VFIODriver.leavesGroupViable(driver), driver != "pcieport", let group = device.group else { return false }
    return isOwned(group)
  }

  /// `drivers/D/unbind` and `driver/unbind`. `begun` holds the functions whose unbind this write waits for.
  func unbind(_ driver: String, _ value: [UInt8], begun: inout Set<Address>) throws(Refusal) {
    let device = try device(named: value)
    if begun.contains(device.address), hidden.pending(device.address) == nil { return }
    guard (device.driver ?? hidden.pending(device.address)) == driver else { throw .errno(.noDevice) }
    try unbind(device, begun: &begun)
  }

  /// Consumers by device link first: the kernel unbinds them with their supplier.
  func unbind(_ device: SimulatedDevice, begun: inout Set<Address>) throws(Refusal) {
    if hidden.pending(device.address) != nil {
      begun.insert(device.address)
      throw .waits(device.address)
    }
    try waitForLock(device)
    guard let driver = device.driver else { return }
    for consumer in consumers(of: device) { try unbind(consumer, begun: &begun) }
    try removeDependents(of: device, driver, begun: &begun)
    if hidden.isHeld(device.address), VFIODriver.isVFIO(driver) {
      begun.insert(device.address)
      // The links are removed as soon as the unbind starts, the rest when the holder closes the function.
      try hidden.setPending(device.address, driver)
      try change(device) { () throws(Refusal) in try tree.remove(device.path("driver")) }
      throw .waits(device.address)
    }
    // vfio_pci_core_unregister_device: `pm_runtime_forbid`.
    if VFIODriver.isVFIO(driver), tree.exists(device.path("power/control")) {
      try tree.put(device.path("power/control"), "on\n")
    }
    try change(device) { () throws(Refusal) in try tree.remove(device.path("driver")) }
  }

  /// What a driver's `remove` takes away first: functions behind its root bus, and the VFs of a driver that calls
  /// `pci_disable_sriov` there. Those that do not leave SR-IOV enabled, as nvme does.
  private func removeDependents(
    of device: SimulatedDevice, _ driver: String, begun: inout Set<Address>
  ) throws(Refusal) {
    for function in behindRootBuses(of: device) { try unbind(function, begun: &begun) }
    guard !["nvme", "ena", "pci-pf-stub"].contains(driver), virtualFunctionCount(device) > 0 else { return }
    for address in virtualFunctions(device) {
      if let function = self.device(address) { try unbind(function, begun: &begun) }
    }
    try change(device) { () throws(Refusal) in try tree.put(device.path("sriov_numvfs"), "0\n") }
  }

  /// The second half of an unbind that waited.
  func finishUnbind(_ address: Address) throws(Refusal) {
    try hidden.setUnfinished(address, true)
    try hidden.setPending(address, nil)
    try settle(address)
    try hidden.setUnfinished(address, false)
  }

  /// `consumer:pci:A` in a supplier's folder.
  private func consumers(of device: SimulatedDevice) -> [SimulatedDevice] {
    tree.names(device.folder).filter { $0.hasPrefix("consumer:pci:") }
      .compactMap { Address($0.dropFirst("consumer:pci:".utf8.count)).flatMap { self.device($0) } }
  }
}
