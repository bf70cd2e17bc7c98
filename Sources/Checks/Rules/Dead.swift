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
        remedy: "Power the host off and on. If it still does not answer, reseat or replace the card.")
    }
  }
}
