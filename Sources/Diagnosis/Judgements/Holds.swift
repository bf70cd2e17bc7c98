import Host
import PCI
import Transactions

/// Is what hostdev holds still as it left it?
struct Holds: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    if let trouble = examination.ledgerTrouble {
      return [
        ReadinessCheck(
          .holdDrift, .unknown, "What hostdev holds could not be read.", evidence: [trouble], remedy: "hostdev status")
      ]
    }
    let drifted = examination.held.compactMap { hold -> ReadinessCheck? in
      guard
        let drift = hold.drift(
          from: examination.host[hold.function], isPending: examination.pending.contains(hold.function))
      else { return nil }
      return ReadinessCheck(
        .holdDrift, .warning, on: [hold.function],
        "\(hold.function) is held, and is no longer as it was left: \(drift).",
        evidence: [
          "/run/hostdev/held/\(hold.function).json: \(hold.state)",
          "/sys/bus/pci/devices/\(hold.function): \(examination.host[hold.function].map { "\(now($0))" } ?? "not there")",
        ],
        remedy: drift == .gone
          ? "hostdev release --all forgets it"
          : "hostdev bind \(hold.function); or, to give it back: hostdev release \(hold.function)")
    }
    if !drifted.isEmpty { return drifted }
    let functions = examination.held.map(\.function)
    return [
      ReadinessCheck(
        .holdDrift, .ok, on: functions,
        functions.isEmpty ? "hostdev holds nothing." : "What hostdev holds is as it was left.",
        evidence: ["/run/hostdev/held"])
    ]
  }

  private func now(_ function: Function) -> State {
    State(driver: function.driver.value, override: function.driverOverride.value)
  }
}
