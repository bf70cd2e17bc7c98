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
          "Nothing resets \(function.address): a second guest start will meet the device as the first one left it.",
        evidence: [
          Finding.Evidence(
            path: "/sys/bus/pci/devices/\(function.address)/reset_method",
            value: function.kernelResetMethods.value.map { words in
              words.isEmpty ? "empty" : words.joined(separator: " ") + " (stale)"
            } ?? "not there")
        ],
        remedy: "Restart the guest's device from within the guest, or power the host off and on between guests.")
    }
  }
}
