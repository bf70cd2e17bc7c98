import Host
import PCI

/// `reset` that somebody else would feel.
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
            "Resetting \(function.address) resets \(forecast.affects.map(\.description).joined(separator: ", ")) with it.",
          evidence: ["\(path): \((forecast.methods ?? []).joined(separator: " "))"],
          remedy: "Reset what is below or beside it, one by one, or take its VFs away first.")
      case .together, .none:
        return Finding(
          .slotIncomplete, .error, on: [function.address],
          message: "\(function.address) has no reset of its own that works"
            + (forecast.affects.isEmpty
              ? "."
              : "; one of the whole bus would reach \(forecast.affects.map(\.description).joined(separator: ", "))."),
          evidence: [
            Finding.Evidence(
              path: path, value: function.kernelResetMethods.value.map { $0.joined(separator: " ") } ?? "not there")
          ],
          remedy: "The guest that is given all of them resets them together; else power the host off and on.")
      case .unknown:
        return situation.unknown(
          .unknownReset, on: [function.address], message: "How \(function.address) can be reset could not be read.",
          evidence: ["\(path): unreadable or not captured"], remedy: "cat \(path)")
      }
    }
  }
}
