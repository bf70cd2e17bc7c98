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
            "The requested driver does not support \(address). An override makes it probe the device anyway, which can crash the host.",
          evidence: ["/lib/modules/*/modules.alias: no line of that driver matches the function's modalias"],
          remedy: "To list the drivers that support it: modprobe -R \"$(cat /sys/bus/pci/devices/\(address)/modalias)\""
        )
      case .unknown:
        return situation.unknown(
          .unknownDriver, on: [address], message: "Whether the requested driver supports \(address) could not be read.",
          evidence: ["/lib/modules/*/modules.alias: unreadable or not captured"],
          remedy: "modprobe -R \"$(cat /sys/bus/pci/devices/\(address)/modalias)\"")
      }
    }
  }
}
