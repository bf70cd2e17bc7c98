import Host
import PCI

/// Is what hostdev holds still as it left it?
struct Holds: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    if let trouble = examination.ledgerTrouble {
      return [
        Finding(
          .holdDrift, .unknown, message: "What hostdev holds could not be read.", evidence: ["\(trouble)"],
          remedy: "hostdev status")
      ]
    }
    let drifted = examination.held.compactMap { hold -> Finding? in
      guard let drift = hold.drift else { return nil }
      let now = examination.host[hold.function]
      return Finding(
        .holdDrift, .warning, on: [hold.function],
        message: "\(hold.function) is held, and is no longer as it was left: \(drift).",
        evidence: [
          "/run/hostdev/held/\(hold.function).json: \(hold.state)",
          "/sys/bus/pci/devices/\(hold.function): \(now.map { "\(state($0))" } ?? "not there")",
        ],
        remedy: now == nil
          ? "hostdev release --all forgets it"
          : "hostdev bind \(hold.function); or, to give it back: hostdev release \(hold.function)")
    }
    if !drifted.isEmpty { return drifted }
    let functions = examination.held.map(\.function)
    return [
      Finding(
        .holdDrift, .ok, on: functions,
        message: functions.isEmpty ? "hostdev holds nothing." : "What hostdev holds is as it was left.",
        evidence: ["/run/hostdev/held"])
    ]
  }

  private func state(_ function: Function) -> State {
    State(driver: function.driver.value, override: function.driverOverride.value)
  }
}
