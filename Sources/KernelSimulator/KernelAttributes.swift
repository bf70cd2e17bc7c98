import Host
import PCI
import System

extension Kernel {
  /// `driver_set_override`: up to 4094 bytes; text up to the line's end counts, spaces and all; nothing before it clears.
  func setOverride(_ device: SimulatedDevice, _ value: [UInt8]) throws(Refusal) {
    // The device lock is the waiting unbind's, on kernels that take it for the override.
    if overrideTakesLock { try waitForLock(device) }
    if value.isEmpty { return }
    guard value.count < 4095 else { throw .errno(.invalid) }
    try hidden.remember(device)
    let name = lineText(value)
    try tree.put(device.path("driver_override"), name.isEmpty ? "(null)\n" : "\(name)\n")
  }

  /// `enable_store`: refused while a driver is bound; a counter that cannot go below zero (EIO).
  func setEnable(_ device: SimulatedDevice, _ value: [UInt8]) throws(Refusal) {
    guard tree.exists(device.path("enable")) else { throw .errno(.noEntry) }
    if value.isEmpty { return }
    guard let number = kernelNumber(value) else { throw .errno(.invalid) }
    guard device.driver == nil else { throw .errno(.busy) }
    let count = device.text("enable").flatMap { Int($0) } ?? 0
    if number == 0, count == 0 { throw .errno(.io) }
    try tree.put(device.path("enable"), "\(number == 0 ? count - 1 : count + 1)\n")
  }

  /// `iommu_group_store_type`: only while no member has a driver. 6.1 says EBUSY, later kernels EPERM.
  func setGroupType(_ group: Int, _ value: [UInt8]) throws(Refusal) {
    let name = lineText(value)
    guard ["identity", "DMA", "DMA-FQ", "auto"].contains(name) else { throw .errno(.invalid) }
    if members(ofGroup: group).contains(where: { device($0)?.driver != nil }) {
      let release =
        tree.text("/proc/sys/kernel/osrelease") ?? modules.folder.map {
          String($0.dropFirst("/lib/modules/".utf8.count))
        } ?? ""
      throw .errno(release.hasPrefix("6.1.") ? .busy : .notPermitted)
    }
    try tree.put("\(BusPath.groups)/\(group)/type", "\(name == "auto" ? "DMA" : name)\n")
  }

  /// Attributes whose value is simply kept. What the kernel shows and does not take is EACCES on opening.
  func setPlain(_ device: SimulatedDevice, _ attribute: String, to value: [UInt8]) throws(Refusal) {
    let path = device.path(attribute)
    guard tree.exists(path) else { throw .errno(.noEntry) }
    let text = lineText(value)
    switch attribute {
    case "power/control":
      if value.isEmpty { return }
      // control_store takes the device lock.
      try waitForLock(device)
      guard text == "auto" || text == "on" else { throw .errno(.invalid) }
    case "sriov_drivers_autoprobe":
      if value.isEmpty { return }
      guard let first = text.first, "01yYnN".contains(first) else { throw .errno(.invalid) }
      return try tree.put(path, "1yY".contains(first) ? "1\n" : "0\n")
    case "d3cold_allowed", "msi_bus", "broken_parity_status", "numa_node":
      if value.isEmpty { return }
      guard kernelNumber(value) != nil else { throw .errno(.invalid) }
    default: throw .errno(.accessDenied)
    }
    try tree.put(path, "\(text)\n")
    if attribute == "power/control", text == "on" { try wake(device) }
    if attribute == "power/control", text == "auto" { try rest(device) }
  }

  /// `pm_runtime_allow`: vfio-pci lets a function sleep that no process has open. What a host driver does is its own.
  private func rest(_ device: SimulatedDevice) throws(Refusal) {
    guard let driver = device.driver, VFIODriver.isVFIO(driver), !hidden.isHeld(device.address) else { return }
    if device.text("power_state")?.hasPrefix("D3") != true { try tree.update(device.path("power_state"), "D3hot\n") }
    try tree.update(device.path("power/runtime_status"), "suspended\n")
  }

  /// `pm_runtime_forbid`: what sleeps is resumed before the write returns.
  private func wake(_ device: SimulatedDevice) throws(Refusal) {
    for (name, awake) in [("power_state", "D0"), ("power/runtime_status", "active")]
    where tree.exists(device.path(name)) && device.text(name)?.hasPrefix("D3") ?? false
      || name != "power_state" && device.text(name) == "suspended"
    {
      try tree.put(device.path(name), awake + "\n")
    }
  }
}
