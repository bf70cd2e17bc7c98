import Host

/// What is not known cannot be put back, and a function that does not answer cannot be moved.
struct OwnDriver: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    let silent = situation.functions.filter(\.isPending)
    let unclear = situation.functions.filter { $0.driver.isUnknown && !$0.isPending }
    return (silent.isEmpty ? [] : [Self.finding(silent, situation)])
      + (unclear.isEmpty
        ? []
        : [
          situation.unknown(
            .unknownDriver, on: unclear.map(\.address),
            message:
              "The driver of \(unclear.map { "\($0.address)" }.joined(separator: ", ")) could not be read, so hostdev cannot put it back afterwards.",
            evidence: unclear.map { "/sys/bus/pci/devices/\($0.address)/driver: unreadable or not captured" },
            remedy: "ls -l /sys/bus/pci/devices/\(unclear[0].address)/driver")
        ])
  }

  private static let lookingForTheWriter =
    "Find the process that writes, and end what it waits for: ps -eo pid,stat,wchan:30,args | grep ' [DS]'; hostdev status"

  /// What the kernel did not answer, attribute by attribute.
  private static func evidence(of silent: [Function]) -> [Finding.Evidence] {
    silent.flatMap { function in
      function.unanswered.map { Finding.Evidence(value: $0.line(of: function.address)) }
    }
  }

  private static func finding(_ silent: [Function], _ situation: Situation) -> Finding {
    let names = silent.map { "\($0.address)" }.joined(separator: ", ")
    return situation.unknown(
      .unknownDriver, on: silent.map(\.address),
      message:
        "The kernel does not answer for \(names): an earlier write has not returned, and a new one blocks, too.",
      evidence: evidence(of: silent),
      remedy: lookingForTheWriter)
  }
}

/// Is there a function that the kernel does not answer for? Of hosts where there is none nothing is told.
extension OwnDriver: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let silent = examination.host.functions.filter(\.isPending)
    guard !silent.isEmpty else { return [] }
    return [
      Finding(
        .unknownDriver, .unknown, on: silent.map(\.address),
        message: silent.count == 1
          ? "The kernel does not answer for \(silent[0].address): an earlier write to it has not returned."
          : "The kernel does not answer for \(silent.count) functions: earlier writes to them have not returned.",
        evidence: Self.evidence(of: silent),
        remedy: Self.lookingForTheWriter)
    ]
  }
}
