import Assessment
import Host
import PCI

/// Does an override that nobody asked for keep a driver away?
struct StaleOverrides: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let functions = examination.host.functions
    let asked = Set(
      examination.claims.filter { claim in
        if case .driver = claim.manner { claim.isInForce } else { false }
      }.flatMap(\.functions))
    let overridden = functions.filter { !$0.driverOverride.isAbsent && !$0.driverOverride.isUnknown }.map(\.address)
    let stale = Assessment.staleOverrides(in: examination.situation(overridden.filter { !asked.contains($0) }))
    var checks = stale.map { finding in
      ReadinessCheck(
        .staleOverride, .warning, on: finding.functions, finding.message, evidence: finding.evidence.map(\.description),
        remedy: wayOut(finding.functions, examination) ?? finding.remedy)
    }
    checks += overridden.compactMap { address -> ReadinessCheck? in
      guard let function = examination.host[address], let override = function.driverOverride.value,
        let driver = function.driver.value, driver != override, !asked.contains(address)
      else { return nil }
      return ReadinessCheck(
        .staleOverride, .warning, on: [address],
        "\(address) is on \(driver), and an override to \(override) waits: once it is unbound, no other driver will take it.",
        evidence: ["/sys/bus/pci/devices/\(address)/driver_override: \(override)"],
        remedy: "echo > /sys/bus/pci/devices/\(address)/driver_override")
    }
    let unread = functions.filter { $0.driverOverride.isUnknown && !examination.pending.contains($0.address) }
    if !unread.isEmpty {
      checks.append(
        ReadinessCheck(
          .staleOverride, .unknown, on: unread.map(\.address),
          "The override of \(unread.count == 1 ? "\(unread[0].address)" : "\(unread.count) functions") could not be read.",
          evidence: unread.prefix(4).map { "/sys/bus/pci/devices/\($0.address)/driver_override" }))
    }
    if !checks.isEmpty { return checks }
    return [
      ReadinessCheck(
        .staleOverride, .ok, "No override keeps a driver away.",
        evidence: ["/sys/bus/pci/devices/*/driver_override"])
    ]
  }

  /// Clear it, and let a driver have the function again.
  private func wayOut(_ functions: [Address], _ examination: Examination) -> String? {
    guard let address = functions.first, functions.count == 1 else { return nil }
    return "echo > /sys/bus/pci/devices/\(address)/driver_override && echo \(address) > /sys/bus/pci/drivers_probe"
  }
}
