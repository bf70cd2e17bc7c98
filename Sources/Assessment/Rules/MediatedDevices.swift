/// A parent of mediated devices: unbinding it takes them from the guests that have them.
struct MediatedDevices: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.filter { !$0.mediatedDevices.isEmpty }.map { function in
      Finding(
        "has-mdevs", .error, [function.address],
        message: "Mediated devices exist below \(function.address); the guests that have them would lose them.",
        evidence: function.mediatedDevices.map { "/sys/bus/pci/devices/\(function.address)/\($0)" },
        remedy: function.mediatedDevices.map { "mdevctl stop -u \($0)" }.joined(separator: "; "), isForceable: false)
    }
  }
}
