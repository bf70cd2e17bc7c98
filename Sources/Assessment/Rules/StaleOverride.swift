import Host
import PCI

/// An override that nobody here asked for and that keeps the driver away.
struct StaleOverride: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      guard let override = function.driverOverride.value, override != function.driver.value, function.driver.isAbsent,
        !situation.held.contains(function.address), !Self.isCaptured(function, override, in: situation.host)
      else { return nil }
      return Finding(
        .staleOverride, .warning, on: [function.address],
        message:
          "An override to \(override) stands on \(function.address), which is unbound: no other driver will take it.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/driver_override: \(override)"],
        remedy: "echo > /sys/bus/pci/devices/\(function.address)/driver_override")
    }
  }

  /// A PF on vfio-pci captures its VFs: the kernel sets their override itself (`vfio_pci_bus_notifier`).
  private static func isCaptured(_ function: Function, _ override: String, in host: Host) -> Bool {
    guard let physical = function.physicalFunction.value, let driver = host[physical]?.driver.value else {
      return false
    }
    return VFIODriver.isVFIO(driver) && VFIODriver.isVFIO(override)
  }
}
