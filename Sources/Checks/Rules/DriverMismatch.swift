/// With an override any driver probes, whether it knows the device or not, and a wrong one can crash the host.
struct DriverMismatch: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    // Virtual functions that are yet to come are asked for as well.
    let asked = situation.matches.keys.filter { situation.set.contains($0) || situation.host[$0] == nil }
    return asked.sorted().compactMap { address in
      switch situation.matches[address] {
      case nil, .matches: return nil
      case .doesNot:
        return Finding(
          .driverMismatch, .error, on: [address],
          message:
            "The driver asked for does not know \(address): forced on it, it would probe a device that it was not written for.",
          evidence: ["/lib/modules/*/modules.alias: no line of that driver matches the function's modalias"],
          remedy: "cat /sys/bus/pci/devices/\(address)/modalias, and name a driver that has it: modprobe -R MODALIAS")
      case .unknown:
        return situation.unknown(
          .unknownDriver, on: [address], message: "Whether the driver asked for knows \(address) could not be read.",
          evidence: ["/lib/modules/*/modules.alias: unreadable or not captured"],
          remedy: "modprobe -R \"$(cat /sys/bus/pci/devices/\(address)/modalias)\"")
      }
    }
  }
}
