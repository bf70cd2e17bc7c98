import Host

/// A parent of mediated devices: unbinding it takes them from the guests that have them.
struct MediatedDevices: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.filter { !$0.mediatedDevices.isEmpty }.map { function in
      let holders = situation.usage.uses(of: function.address).filter { use in
        if case .vfioOpen(_, .some) = use.what { true } else { false }
      }
      let names = holders.map { "\($0.subject) (\($0.detail))" }
      return Finding(
        .hasMediatedDevices, .error, on: [function.address],
        message: "\(function.address) has mediated devices. Guests that use them lose them."
          + (names.isEmpty ? "" : " In use by \(names.joined(separator: ", "))."),
        evidence: function.mediatedDevices.map { "/sys/bus/pci/devices/\(function.address)/\($0)" }
          + holders.map(\.evidence),
        remedy: ((holders.isEmpty ? [] : [holders.endings])
          + function.mediatedDevices.map { "mdevctl stop -u \(ShellWord.quoted($0))" }).joined(separator: "; "))
    }
  }
}
