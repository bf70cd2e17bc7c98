import PCI

extension Function {
  /// The other one is a virtual function of this one.
  public func isPhysical(of other: Function) -> Bool {
    other.physicalFunction.value == address || virtualFunctions.contains(other.address)
  }

  /// A VFIO driver runs it. `vfio-dev/` shows that of any driver (Linux 6.1 and later): a vendor's own needs no `vfio` in
  /// its name. Older kernels have no such folder, so the names of mainline's drivers count too.
  public var isOnVFIO: Bool {
    guard let driver = driver.value else { return false }
    return vfioDevice.value != nil || VFIODriver.isVFIO(driver)
  }

  /// Its driver serves the host and VFIO alike: NVIDIA's, of a VF with a vGPU. The guest's device goes with the driver.
  public var isOnVendorVFIO: Bool { isOnVFIO && !(driver.value.map(VFIODriver.isVFIO) ?? true) }

  /// Its driver leaves the group viable and does nothing for the host: VFIO's, or pci-stub.
  public var isSetAside: Bool { isOnVFIO || driver.value.map(VFIODriver.leavesGroupViable) ?? false }

  /// Its driver keeps VFIO from opening the group.
  public var blocksGroup: Bool { !isOnVFIO && (driver.value.map(VFIODriver.blocksGroup) ?? false) }
}
