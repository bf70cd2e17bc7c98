import Host
import PCI

/// Do two tools drive the same function?
struct RivalTools: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let claims = examination.claims
    var byFunction: [Address: [Int]] = [:]
    for (place, claim) in claims.enumerated() {
      for function in claim.functions { byFunction[function, default: []].append(place) }
    }
    // Functions of one device that the same tools quarrel over are one quarrel.
    var quarrels: [Quarrel: Set<Address>] = [:]
    for (function, places) in byFunction {
      let those = places.map { claims[$0] }
      guard let severity = severity(those) else { continue }
      let quarrel = Quarrel(slot: function.slot, tools: Set(those.map(\.tool)).sorted(), severity: severity)
      quarrels[quarrel, default: []].insert(function)
    }
    let found =
      quarrels.map { quarrel, functions in
        finding(quarrel, functions.sorted(), claims: claims.filter { !functions.isDisjoint(with: $0.functions) })
      }
      + RivalVirtualCounts.findings(on: examination) + UdevDoubts.findings(on: examination)
    if !found.isEmpty {
      return found.sorted { ($0.functions.first?.description ?? "") < ($1.functions.first?.description ?? "") }
    }
    let settings = examination.settings
    let isBlind =
      !settings.unread.isEmpty || !settings.malformed.isEmpty || (examination.isCapture && !settings.missing.isEmpty)
    return [
      Finding(
        .rivalTools, .ok,
        message:
          "No function is configured in two tools\(isBlind ? ", as far as their settings could be read" : "")."
      )
    ]
  }

  private struct Quarrel: Hashable {
    let slot: Slot
    let tools: [Claim.Tool]
    let severity: Finding.Severity
  }

  /// Nil where these get on with each other.
  private func severity(_ claims: [Claim]) -> Finding.Severity? {
    var worst: Finding.Severity?
    for (place, one) in claims.enumerated() {
      for other in claims[(place + 1)...] where one.tool != other.tool && !(one.tool.isOwn && other.tool.isOwn) {
        guard let found = Self.severity(one.manner, other.manner) else { continue }
        worst = max(worst ?? found, found)
      }
    }
    return worst
  }

  static func severity(_ one: Claim.Manner, _ other: Claim.Manner) -> Finding.Severity? {
    switch (one, other) {
    case (.driver(let one), .driver(let other)):
      // Who comes last has it, and who comes last is chance.
      one == other || (VFIODriver.isVFIO(one) && VFIODriver.isVFIO(other)) ? .warning : .error
    case (.driver(let name), .duringGuest), (.duringGuest, .driver(let name)):
      // Given back as the guest stops, against who keeps it on VFIO.
      VFIODriver.leavesGroupViable(name) ? .warning : nil
    case (.driver(let name), .fromGuest), (.fromGuest, .driver(let name)):
      VFIODriver.leavesGroupViable(name) ? nil : .warning
    case (.duringGuest, .fromGuest), (.fromGuest, .duringGuest): .warning
    case (.duringGuest, .duringGuest), (.fromGuest, .fromGuest): nil
    // A function that is taken off the bus is `BusRemovals`'.
    case (.removed, _), (_, .removed), (.unbound, .unbound): nil
    case (.unbound, _), (_, .unbound): .warning
    }
  }

  private func finding(_ quarrel: Quarrel, _ functions: [Address], claims: [Claim]) -> Finding {
    let names = functions.map(\.description).joined(separator: ", ")
    let others = claims.filter { !$0.tool.isOwn }
    let hasOwn = claims.contains { $0.tool.isOwn }
    var ways: [String] = []
    for claim in others where !claim.withdrawal.isEmpty && !ways.contains(claim.withdrawal) {
      ways.append(claim.withdrawal)
    }
    let tools = quarrel.tools.map(\.rawValue)
    return Finding(
      .rivalTools, quarrel.severity, on: functions,
      message: "\(names): configured in \(tools.dropLast().joined(separator: ", ")) and \(tools.last ?? "")"
        + (quarrel.severity == .error ? ", for different drivers. The one that runs last gets it." : "."),
      evidence: claims.flatMap { claim in claim.sources.map { "\($0) (\(claim.wish))" } },
      remedy: ways.isEmpty
        ? "Keep one of them."
        : (hasOwn ? "To leave it to hostdev: " : "Keep one of them. These remove them: ")
          + ways.joined(separator: "; "))
  }
}

extension Claim {
  /// What it wants, in words.
  var wish: String {
    switch manner {
    case .driver(let name) where strike == .remade:
      "wants it on \(name) once the boot loader's configuration is made again"
    case .driver(let name): isInForce ? "wants it on \(name)" : "wants it on \(name) from the next boot on"
    case .duringGuest: "takes it as a guest starts and gives it back as that stops"
    case .fromGuest: "takes it as a guest starts and keeps it"
    case .unbound: "takes it from its driver"
    case .removed: "takes it off the PCI bus"
    }
  }
}
