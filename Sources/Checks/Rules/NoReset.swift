import Host
import PCI

/// No way to reset: nothing stops the move, but the second guest start meets a dirty device.
struct NoReset: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.filter(\.isEndpoint).compactMap { function in
      let forecast = ResetForecast(of: function, in: situation.host)
      guard forecast.reach == .none else { return nil }
      return Finding(
        .noReset, .warning, on: [function.address],
        message:
          "No reset works for \(function.address): the next guest gets the device as the last one left it.",
        evidence: [
          Finding.Evidence(
            path: "/sys/bus/pci/devices/\(function.address)/reset_method",
            value: function.kernelResetMethods.value.map { words in
              words.isEmpty ? "empty" : words.joined(separator: " ") + " (stale)"
            } ?? "not there")
        ],
        remedy: "Shut the guest down cleanly, or power the host off and on between guests.")
    }
  }
}
