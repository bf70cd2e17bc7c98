import Host
import PCI

/// Is what hostdev holds still as it left it?
struct Holds: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    if let trouble = examination.recordsTrouble {
      return [
        Finding(
          .holdDrift, .unknown, message: "hostdev's records of what it holds could not be read.",
          evidence: ["\(trouble)"],
          remedy: "hostdev status")
      ]
    }
    let drifted = examination.held.compactMap { hold -> Finding? in
      guard let drift = hold.drift else { return nil }
      let now = examination.host[hold.function]
      return Finding(
        .holdDrift, .warning, on: [hold.function],
        message: "hostdev holds \(hold.function), but it has changed: \(drift).",
        evidence: [
          "/run/hostdev/held/\(hold.function).json: \(hold.state)",
          "/sys/bus/pci/devices/\(hold.function): \(now.map { "\(state($0))" } ?? "not there")",
        ],
        remedy: now == nil
          ? "To remove its record: hostdev release \(hold.function)"
          : "hostdev bind \(hold.function); or, to release it: hostdev release \(hold.function)")
    }
    if !drifted.isEmpty { return drifted }
    let functions = examination.held.map(\.function)
    return [
      Finding(
        .holdDrift, .ok, on: functions,
        message: functions.isEmpty ? "hostdev holds nothing." : "Everything that hostdev holds is unchanged.",
        evidence: ["/run/hostdev/held"])
    ]
  }

  private func state(_ function: Function) -> State {
    State(driver: function.driver.value, override: function.driverOverride.value)
  }
}
