import Host
import PCI

/// Evidence that could not be gathered.
struct UnknownUses: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    let relevant = situation.usage.unknown.filter { unknown in
      unknown.area == .holders || situation.leaving.contains { $0.address == unknown.function }
    }
    return UnknownUse.Area.allCases.compactMap { area -> Finding? in
      let those = relevant.filter { $0.area == area }
      guard !those.isEmpty else { return nil }
      if area == .data { return Self.data(those) }
      return situation.unknown(
        area.code, on: Set(those.map(\.function)).sorted(),
        message: "How the host uses this set (\(area.rawValue)) could not be determined.",
        evidence: those.map { "\($0.function): \($0.reason)" },
        remedy: situation.isRehearsal
          ? "Take a fuller capture: hostdev snapshot DIR" : "Run hostdev as root on the host itself",
        forceIf: situation.isRehearsal ? nil : "you have checked it yourself")
    }
  }

  /// A warning, since what it would have told of is one.
  private static func data(_ unknown: [UnknownUse]) -> Finding {
    Finding(
      .unknownData, .warning, on: Set(unknown.map(\.function)).sorted(),
      message:
        "What is on an unused disk of this set could not be determined. A guest can overwrite it.",
      evidence: unknown.map { "\($0.function): \($0.reason)" },
      remedy: "udevadm trigger --settle --subsystem-match=block; lsblk -f")
  }
}

extension UnknownUse.Area {
  var code: FindingCode {
    switch self {
    case .storage: .unknownStorage
    case .network: .unknownNetwork
    case .display: .unknownDisplay
    case .input: .unknownInput
    case .holders: .unknownHolders
    case .data: .unknownData
    case .memory: .unknownMemory
    }
  }
}
