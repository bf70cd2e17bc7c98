import Host
import PCI
import System

extension Kernel {
  /// `sriov_numvfs_store` of drivers/pci/iov.c, in its order of tests.
  func setVirtualFunctions(_ device: SimulatedDevice, _ value: [UInt8], begun: inout Set<Address>) throws(Refusal) {
    guard tree.exists(device.path("sriov_numvfs")) else { throw .errno(.noEntry) }
    if value.isEmpty { return }
    guard let wanted = kernelNumber(value), wanted <= UInt16.max else { throw .errno(.invalid) }
    guard wanted <= totalVirtualFunctions(device) else { throw .errno(.range) }
    let count = virtualFunctionCount(device)
    if wanted == count { return }
    guard let driver = device.driver, canConfigure(driver) else { throw .errno(.noEntry) }
    if wanted != 0, count != 0 { throw .errno(.busy) }
    // Held VFs never come back from this: the write waits, with the PF's lock and the bus's.
    for address in virtualFunctions(device) {
      if let function = self.device(address) { try unbind(function, begun: &begun) }
    }
    try change(device) { () throws(Refusal) in try tree.put(device.path("sriov_numvfs"), "\(wanted)\n") }
    for address in virtualFunctions(device) {
      guard let function = self.device(address) else { continue }
      // vfio_pci_bus_notifier: a VF of a PF on VFIO gets the PF's driver as its override.
      if VFIODriver.isVFIO(driver) { try tree.put(function.path("driver_override"), "\(driver)\n") }
      if device.text("sriov_drivers_autoprobe") != "0" { try autoprobe(function) }
    }
  }

  /// vfio-pci has `sriov_configure` only with its parameter `enable_sriov`; native drivers of functions with the
  /// capability are taken to have it.
  private func canConfigure(_ driver: String) -> Bool {
    guard VFIODriver.isVFIO(driver) else { return driver != "pci-stub" }
    return tree.text("/sys/module/vfio_pci/parameters/enable_sriov") == "Y"
  }

  private func totalVirtualFunctions(_ device: SimulatedDevice) -> UInt64 {
    device.text("sriov_totalvfs").flatMap { UInt64($0) } ?? device.configuration.totalVFs.value.map(UInt64.init) ?? 0
  }

  /// From the `virtfn` links, sorted by address.
  func virtualFunctions(_ device: SimulatedDevice) -> [Address] {
    tree.names(device.folder).filter { $0.hasPrefix("virtfn") }
      .compactMap { tree.linkName(device.path($0)).flatMap { Address($0) } }.sorted()
  }

  /// Makes the VFs that `sriov_numvfs` counts, and takes away those that it does not.
  func settleVirtualFunctions(_ device: SimulatedDevice) throws(Refusal) {
    guard tree.exists(device.path("sriov_numvfs")) else { return }
    let count = virtualFunctionCount(device)
    for index in 0..<count where !tree.isLink(device.path("virtfn\(index)")) {
      try VirtualFunction(self, of: device, index: index)?.make()
    }
    for name in tree.names(device.folder) where name.hasPrefix("virtfn") {
      guard let index = Int(name.dropFirst("virtfn".utf8.count)), index >= count else { continue }
      if let function = tree.linkName(device.path(name)).flatMap({ Address($0) }).flatMap({ self.device($0) }) {
        for interface in tree.names(function.path("net")) { try tree.remove("/sys/class/net/\(interface)") }
        try forget(function)
        try tree.removeAll(function.folder)
      }
      try hidden.forgetSettings(device.address, index)
      try tree.remove(device.path(name))
    }
  }
}
