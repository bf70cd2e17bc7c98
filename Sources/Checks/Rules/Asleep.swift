import Host
import PCI

/// D3cold is normal for a sleeping GPU, and some never wake from it.
struct Asleep: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.filter { $0.powerState.value == "D3cold" }.map { function in
      Finding(
        .asleep, .warning, on: [function.address],
        message: "\(function.address) sleeps in D3cold. Most devices wake when they are bound; some never do.",
        evidence: Self.evidence(function, situation.usage.conditions[function.address]),
        remedy: "hostdev show --wake \(function.address)")
    }
  }
}

extension Asleep {
  private static func evidence(_ function: Function, _ condition: Condition?) -> [Finding.Evidence] {
    let folder = "/sys/bus/pci/devices/\(function.address)"
    return ["\(folder)/power_state: D3cold; its config is not read, since that would wake it"]
      + [
        condition?.allowsD3cold.map { "\(folder)/d3cold_allowed: \($0 ? 1 : 0)" },
        condition?.runtimeStatus.map { "\(folder)/power/runtime_status: \($0)" },
      ].compactMap { $0 }
  }
}
