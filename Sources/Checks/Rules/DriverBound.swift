import Host
import PCI

/// `reset` under a bound host driver leaves that driver with a wiped device.
struct DriverBound: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.intent == .reset else { return [] }
    return situation.functions.compactMap { function in
      guard let driver = function.driver.value, !VFIODriver.leavesGroupViable(driver) else { return nil }
      let hasStorage = !HostStorage.uses(of: function, in: situation).isEmpty
      return Finding(
        .driverBound, .error, on: [function.address],
        message: "\(function.address) is on the host driver \(driver). A reset wipes the device under that driver.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/driver: \(driver)"],
        remedy: hasStorage
          ? "The host has storage on it. To see what: hostdev check \(function.address)"
          : "hostdev bind \(function.address); then: hostdev reset \(function.address)",
        isForceable: !hasStorage)
    }
  }
}
