import Host
import PCI

/// Whether the kernel would accept this number of VFs: the tests of `sriov_numvfs_store` (drivers/pci/iov.c), and that
/// no process has a VF open that would be removed.
struct VirtualFunctionCount: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard case .virtualFunctions(let address, let count, _) = situation.intent, let function = situation.host[address]
    else { return [] }
    guard let totals = function.virtualFunctionTotals.value else { return [Self.none(function, situation)] }
    if totals.current == count { return [] }
    return Self.tooMany(function, count) + Self.driver(function) + Self.going(function, totals.current, in: situation)
  }

  private static func path(_ function: Function, _ name: String) -> String {
    "/sys/bus/pci/devices/\(function.address)/\(name)"
  }

  private static func none(_ function: Function, _ situation: Situation) -> Finding {
    if let physical = function.physicalFunction.value {
      return Finding(
        .noSRIOV, .error, on: [function.address],
        message: "\(function.address) is itself a virtual function and cannot have any.",
        evidence: ["\(path(function, "physfn")): \(physical)"], remedy: "hostdev sriov \(physical) --vfs N")
    }
    guard function.virtualFunctionCount.isAbsent else {
      return situation.unknown(
        .unknownSRIOV, on: [function.address],
        message: "The number of virtual functions that \(function.address) can have could not be read.",
        evidence: ["\(path(function, "sriov_totalvfs")): unreadable or not captured"],
        remedy: "cat \(path(function, "sriov_totalvfs"))")
    }
    return Finding(
      .noSRIOV, .error, on: [function.address],
      message: "\(function.address) cannot have virtual functions: the kernel has no sriov_numvfs for it (ENOENT).",
      evidence: ["\(path(function, "sriov_numvfs")): not there"],
      remedy: "Enable SR-IOV in the firmware setup and in the card's own setup.")
  }

  /// `num_vfs > pci_sriov_get_totalvfs`: the driver may have lowered what the register says.
  private static func tooMany(_ function: Function, _ count: Int) -> [Finding] {
    guard let limit = function.virtualFunctionLimit.value ?? function.virtualFunctionTotals.value?.total, count > limit
    else { return [] }
    let register = function.configuration.flatMap(\.totalVFs).value.map { total in
      Finding.Evidence(value: "TotalVFs of the SR-IOV capability: \(total)")
    }
    return [
      Finding(
        .tooManyVFs, .error, on: [function.address],
        message:
          "\(function.address) can have at most \(counted(limit, "virtual function")); the kernel refuses \(count) (ERANGE).",
        evidence: ["\(path(function, "sriov_totalvfs")): \(limit)"] + [register].compactMap { $0 },
        remedy: "hostdev sriov \(function.address) --vfs \(limit)")
    ]
  }

  /// `!pdev->driver || !pdev->driver->sriov_configure`. Which native drivers have it the kernel does not show.
  private static func driver(_ function: Function) -> [Finding] {
    let reason: String
    let remedy: String
    switch function.driver {
    case .unknown: return []
    case .absent:
      reason = "it has no driver, and the driver creates them (ENOENT)"
      remedy = "hostdev release \(function.address)"
    case .known(let driver) where VFIODriver.isVFIO(driver):
      reason =
        "it is on \(driver), which creates none (ENOENT) unless enable_sriov is set; a program then needs a VF token to open one"
      remedy = "hostdev release \(function.address)"
    case .known(let driver) where ["pci-stub", "pcieport"].contains(driver):
      reason = "\(driver) cannot create them (ENOENT)"
      remedy = "hostdev release \(function.address)"
    case .known: return []
    }
    return [
      Finding(
        .noSRIOVDriver, .error, on: [function.address],
        message: "The number of virtual functions of \(function.address) cannot be changed now: \(reason).",
        evidence: ["\(path(function, "driver")): \(function.driver.value ?? "none")"], remedy: remedy)
    ]
  }

  /// The kernel refuses to change N to M with EBUSY: 0 must be written first, which removes every VF. That write blocks
  /// while a process has a VF open, and holds the bus's locks meanwhile.
  private static func going(_ function: Function, _ current: Int, in situation: Situation) -> [Finding] {
    guard current > 0 else { return [] }
    let going = function.virtualFunctions.compactMap { situation.host[$0] }
    let held = going.compactMap { virtual -> String? in
      let holders = situation.usage.uses(of: virtual.address).filter { $0.kind == .vfioOpen }
      if holders.isEmpty { return virtual.isPending ? "\(virtual.address), which is being removed from a guest" : nil }
      return "\(virtual.address) is open in \(holders.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", "))"
    }
    let uses = going.flatMap { situation.usage.uses(of: $0.address) }.filter { $0.kind == .vfioOpen }
    let evidence: [Finding.Evidence] =
      ["\(path(function, "sriov_numvfs")): \(current)"]
      + going.map { function in
        let driver = function.driver.value.map { "on \($0)" } ?? (function.driver.isAbsent ? "unbound" : "?")
        return "\(function.address): \(driver)\(situation.held.contains(function.address) ? ", held by hostdev" : "")"
      }
    let all =
      "\(current == 1 ? "The virtual function of \(function.address) is" : "All \(current) virtual functions of \(function.address) are") removed: the kernel can change a non-zero number only by first setting it to 0 (EBUSY)"
    return [
      Finding(
        .hasVFs, held.isEmpty ? .warning : .error, on: [function.address] + going.map(\.address),
        message: held.isEmpty
          ? all + "." : "\(all). That blocks while a guest uses one: \(held.joined(separator: "; ")).",
        evidence: evidence,
        remedy: held.isEmpty
          ? "Move what uses them elsewhere first." : uses.isEmpty ? "hostdev status" : uses.endings)
    ]
  }
}
