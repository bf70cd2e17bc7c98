import Host
import PCI

/// A `reset` that would also reset other functions.
struct ResetReach: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard situation.intent == .reset else { return [] }
    return situation.functions.compactMap { function in
      let forecast = ResetForecast(of: function, in: situation.host)
      let path = "/sys/bus/pci/devices/\(function.address)/reset_method"
      switch forecast.reach {
      case .function:
        guard !forecast.affects.isEmpty else { return nil }
        return Finding(
          function.isBusBridge ? .notEndpoint : .hasVFs, .error, on: forecast.affects,
          message:
            "A reset of \(function.address) also resets \(forecast.affects.map(\.description).joined(separator: ", ")).",
          evidence: ["\(path): \((forecast.methods ?? []).joined(separator: " "))"],
          remedy: function.isBusBridge
            ? "Reset the functions below it one by one."
            : "Reset its VFs one by one, or remove them first: hostdev sriov \(function.address) --vfs 0")
      case .together, .none:
        return Finding(
          .slotIncomplete, .error, on: [function.address],
          message: "\(function.address) has no working reset of its own"
            + (forecast.affects.isEmpty
              ? "."
              : "; a reset of the whole bus also reaches \(forecast.affects.map(\.description).joined(separator: ", "))."),
          evidence: [
            Finding.Evidence(
              path: path, value: function.kernelResetMethods.value.map { $0.joined(separator: " ") } ?? "not there")
          ],
          remedy: "Give them all to one guest, which resets them together; or power the host off and on.")
      case .unknown:
        return situation.unknown(
          .unknownReset, on: [function.address], message: "The reset methods of \(function.address) could not be read.",
          evidence: ["\(path): unreadable or not captured"], remedy: "cat \(path)")
      }
    }
  }
}
