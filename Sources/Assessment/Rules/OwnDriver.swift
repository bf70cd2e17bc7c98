/// What is not known cannot be put back.
struct OwnDriver: Rule {
  func findings(in situation: Situation) -> [Finding] {
    let unclear = situation.functions.filter(\.driver.isUnknown)
    guard !unclear.isEmpty else { return [] }
    return [
      situation.unknown(
        "driver", unclear.map(\.address),
        message:
          "What drives \(unclear.map { "\($0.address)" }.joined(separator: ", ")) now could not be read, so it could not be put back.",
        evidence: unclear.map { "/sys/bus/pci/devices/\($0.address)/driver: unreadable or not captured" },
        remedy: "ls -l /sys/bus/pci/devices/\(unclear[0].address)/driver")
    ]
  }
}
