import Host
import PCI

/// driverctl, udev's rules and the like set `driver_override` as a function appears. Did that have its effect?
struct OverridesWithoutEffect: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    examination.claims.compactMap { finding($0, examination) }
  }

  private func finding(_ claim: Claim, _ examination: Examination) -> Finding? {
    guard [.driverctl, .udev, .switcher].contains(claim.tool), claim.isInForce, case .driver(let wanted) = claim.manner,
      VFIODriver.leavesGroupViable(wanted)
    else { return nil }
    let missed = claim.functions.filter { !examination.pending.contains($0) }.compactMap { examination.host[$0] }
      .filter { function in
        guard let driver = function.driver.value else { return false }
        return !VFIODriver.leavesGroupViable(driver)
      }
    if missed.isEmpty { return nil }
    let names = missed.map(\.address.description)
    let places = missed.map { "\($0.address) is on \($0.driver.value ?? "")" }.joined(separator: ", ")
    return Finding(
      .bootClaim, .warning, on: missed.map(\.address),
      message:
        "\(Self.subject(claim.tool)) gives \(names.joined(separator: ", ")) to \(wanted), without effect: \(places). \(Self.why(missed, wanted))",
      evidence: claim.sources.map { Finding.Evidence($0) }
        + missed.map {
          Finding.Evidence(path: "/sys/bus/pci/devices/\($0.address)/driver", value: $0.driver.value ?? "")
        },
      remedy:
        "To see if \(missed.count == 1 ? "it" : "they") can go to a guest now: hostdev check \(names.joined(separator: " "))"
        + (claim.withdrawal.isEmpty ? "" : "; to take the setting back: \(claim.withdrawal)"))
  }

  private static func subject(_ tool: Claim.Tool) -> String {
    tool == .udev ? "A udev rule" : tool.rawValue
  }

  /// What `driver_override` tells: the setting was carried out and the host's driver was there first, or it was not.
  private static func why(_ missed: [Function], _ wanted: String) -> String {
    if missed.contains(where: \.driverOverride.isUnknown) {
      return "hostdev cannot tell why: driver_override could not be read."
    }
    if missed.allSatisfy({ $0.driverOverride.value == wanted }) {
      return "driver_override is \(wanted), but the host's driver was bound before that, and nothing unbound it."
    }
    return "driver_override is not \(wanted): the setting was made after the function appeared, or was not carried out."
  }
}
