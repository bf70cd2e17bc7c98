import PCI
import System

extension Kernel {
  /// `reset`: EINVAL for anything but 1; method after method, of which ENOTTY falls through to the next.
  ///
  /// It succeeds under a native driver, and under a guest.
  func reset(_ device: SimulatedDevice, _ value: [UInt8]) throws(Refusal) {
    let listed = device.text("reset_method")?.split(separator: " ").map(String.init)
    let remembered = hidden.captured(device).resetMethods ?? []
    // The file is there if enumeration found a method; a capture may have one of the two attributes.
    guard tree.exists(device.path("reset")) || !(listed ?? []).isEmpty || !remembered.isEmpty else {
      throw .errno(.noEntry)
    }
    if value.isEmpty { return }
    guard kernelNumber(value) == 1 else { throw .errno(.invalid) }
    try waitForLock(device)
    // Before 5.15 there is no list: the registers, else the bus.
    guard (listed ?? methodsOfRegisters(device)).contains(where: { $0 != "bus" || hasBusToItself(device) }) else {
      throw .errno(.notTTY)
    }
  }

  /// `reset_method`: names that the function supports; nothing disables all; `default` probes anew.
  func setResetMethods(_ device: SimulatedDevice, _ value: [UInt8]) throws(Refusal) {
    guard tree.exists(device.path("reset_method")) else { throw .errno(.noEntry) }
    if value.isEmpty { return }
    guard value.count < 4095 else { throw .errno(.invalid) }
    try hidden.remember(device)
    let supported = (hidden.captured(device).resetMethods ?? []).filter { $0 != "bus" || hasBusToItself(device) }
    let text = lineText(value)
    // Names are separated by spaces alone; several line's ends are not taken off.
    let wanted = text == "default" ? supported : text.split(separator: " ").map(String.init)
    guard wanted.allSatisfy({ supported.contains($0) }) else { throw .errno(.invalid) }
    try tree.put(device.path("reset_method"), wanted.isEmpty ? "" : wanted.joined(separator: " ") + "\n")
  }

  private func methodsOfRegisters(_ device: SimulatedDevice) -> [String] {
    let space = device.configuration
    return (space.functionLevelReset.value == true ? ["flr"] : [])
      + (space.advancedFeaturesReset.value == true ? ["af_flr"] : [])
      + (space.powerManagementReset.value == true ? ["pm"] : []) + ["bus"]
  }

  /// `pci_parent_bus_reset`: not a bridge, not on a root bus, and the only function on its bus.
  func hasBusToItself(_ device: SimulatedDevice) -> Bool {
    guard !device.isBridge else { return false }
    let parts = device.folder.split(separator: "/")
    // A capture without the kernel's folders does not tell a root bus.
    if parts.count > 1, parts[parts.count - 2].hasPrefix("pci") { return false }
    return !addresses.contains { $0 != device.address && $0.segment == device.address.segment }
  }
}
