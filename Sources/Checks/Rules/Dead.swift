import Host

/// All ones in configuration space: the function does not answer, or is gone.
struct Dead: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.compactMap { function in
      guard case .known(let registers) = function.configuration, registers.isAllOnes else { return nil }
      return Finding(
        .dead, .error, on: [function.address],
        message:
          "\(function.address) does not answer: its configuration space reads all ones. A driver that binds to it may hang.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/config: ff ff ff ff …"],
        remedy: Self.remedy(function, in: situation))
    }
  }

  /// What the host's own driver has is not taken away from it. One that guests had is reset, then found anew.
  private static func remedy(_ function: Function, in situation: Situation) -> String {
    guard case .release = situation.intent else {
      return "Power the host off and on. If it still does not answer, reseat or replace the card."
    }
    let forecast = ResetForecast(of: function, in: situation.host)
    return DeadFunction.wayOut(
      of: function.address,
      resets: forecast.reach == .function && forecast.affects.isEmpty && forecast.source == .kernel)
  }
}
