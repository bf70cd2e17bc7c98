import Host
import PCI

/// An override that no hold asked for and that keeps the driver away.
struct StaleOverride: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      guard let override = function.driverOverride.value, override != function.driver.value, function.driver.isAbsent,
        !situation.held.contains(function.address), !Self.isCaptured(function, override, in: situation.host)
      else { return nil }
      return Finding(
        .staleOverride, .warning, on: [function.address],
        message:
          "\(function.address) is unbound and has a driver_override to \(override): no other driver takes it.",
        evidence: [Self.evidence(override, of: function.address)], remedy: Self.clearing(function.address))
    }
  }

  private static func path(_ function: Address) -> String { "/sys/bus/pci/devices/\(function)/driver_override" }

  private static func evidence(_ override: String, of function: Address) -> Finding.Evidence {
    Finding.Evidence(path: path(function), value: override)
  }

  private static func clearing(_ function: Address) -> String { "echo > \(path(function))" }

  /// A PF on vfio-pci captures its VFs: the kernel sets their override itself (`vfio_pci_bus_notifier`).
  private static func isCaptured(_ function: Function, _ override: String, in host: Host) -> Bool {
    guard let physical = function.physicalFunction.value, let driver = host[physical]?.driver.value else {
      return false
    }
    return VFIODriver.isVFIO(driver) && VFIODriver.isVFIO(override)
  }
}

/// Does an override that nothing asked for keep a driver away?
extension StaleOverride: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let functions = examination.host.functions
    let asked = Set(
      examination.claims.filter { claim in
        if case .driver = claim.manner { claim.isInForce } else { false }
      }.flatMap(\.functions))
    let overridden = functions.filter { $0.driverOverride.value != nil && !asked.contains($0.address) }
    // Cleared, and let a driver have the function again.
    var found = findings(in: examination.situation(overridden.map(\.address))).map { stale in
      stale.ofHost(
        concerning: stale.functions,
        remedy: stale.functions.map { "\(Self.clearing($0)) && echo \($0) > /sys/bus/pci/drivers_probe" }
          .joined(separator: "; "))
    }
    found += overridden.compactMap { Self.waiting($0) }
    let unread = functions.filter { $0.driverOverride.isUnknown && !examination.pending.contains($0.address) }
    if !unread.isEmpty {
      found.append(
        Finding(
          .staleOverride, .unknown, on: unread.map(\.address),
          message:
            "The driver_override of \(unread.count == 1 ? "\(unread[0].address)" : "\(unread.count) functions") could not be read.",
          evidence: unread.prefix(4).map { "\(Self.path($0.address))" }))
    }
    if !found.isEmpty { return found }
    return [
      Finding(
        .staleOverride, .ok, message: "No driver_override keeps a driver away.",
        evidence: ["/sys/bus/pci/devices/*/driver_override"])
    ]
  }

  private static func waiting(_ function: Function) -> Finding? {
    guard let override = function.driverOverride.value, let driver = function.driver.value, driver != override
    else { return nil }
    return Finding(
      .staleOverride, .warning, on: [function.address],
      message:
        "\(function.address) is on \(driver), but has a driver_override to \(override): once it is unbound, no other driver takes it.",
      evidence: [evidence(override, of: function.address)], remedy: clearing(function.address))
  }
}
