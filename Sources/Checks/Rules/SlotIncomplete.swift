import Host
import PCI

/// A card without a reset of its own functions must go whole: the only reset that is left reaches its neighbours.
struct SlotIncomplete: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    var found: [Finding] = []
    var reported: Set<Bus> = []
    for function in situation.candidates where function.isEndpoint {
      let host = situation.host
      let reached = Self.endpoints(reachedWith: function, in: host, usage: situation.usage)
        .filter { !situation.set.contains($0.address) }
      let others = host.movable(reached, with: situation.set)
      let forecast = ResetForecast(of: function, in: host)
      if !others.isEmpty, reported.insert(function.address.segment).inserted {
        let names = others.map { "\($0.address)" }.joined(separator: ", ")
        found.append(
          Finding(
            .slotIncomplete, .error, on: others.map(\.address),
            message:
              "\(function.address) has no working reset of its own. Only a reset of the whole bus works, and it also reaches \(names). Without a reset the card keeps one guest's state for the next guest.",
            evidence: Self.evidence(function, forecast) + others.map { "\($0.address): \(Self.whereabouts($0))" },
            remedy: situation.completingRemedy, isForceable: true))
      }
      if forecast.reach == .unknown, Self.hasNeighbours(function, in: situation) {
        found.append(
          situation.unknown(
            .unknownReset, on: [function.address],
            message:
              "The reset methods of \(function.address) could not be read, so a reset may also reach its neighbours.",
            evidence: ["/sys/bus/pci/devices/\(function.address)/reset_method and config: unreadable or not captured"],
            remedy: "As root: hostdev show \(function.address)"))
      }
    }
    return found
  }

  private static func hasNeighbours(_ function: Function, in situation: Situation) -> Bool {
    situation.host.functions(onBus: function.address.segment).contains {
      $0.address != function.address && $0.isEndpoint && !situation.set.contains($0.address)
    }
  }

  /// Endpoints that the hot reset of this function reaches and that are not ready to be handed over with it.
  static func endpoints(reachedWith function: Function, in host: Host, usage: Usage) -> [Function] {
    let forecast = ResetForecast(of: function, in: host)
    guard forecast.reach == .together else { return [] }
    return forecast.affects.compactMap { host[$0] }.filter { other in
      // A VF is reset with its PF; while there are any, neither goes to a guest together with the other.
      guard other.isEndpoint, other.physicalFunction.value == nil, !function.isPhysical(of: other) else { return false }
      guard other.isOnVFIO else { return true }
      return usage.uses(of: other.address).contains { $0.kind == .vfioOpen }
    }
  }

  private static func evidence(_ function: Function, _ forecast: ResetForecast) -> [Finding.Evidence] {
    let path = "/sys/bus/pci/devices/\(function.address)"
    switch function.kernelResetMethods {
    case .known(let words):
      let note = words.contains("bus") ? " (stale: the kernel refuses it with other functions on the bus)" : ""
      return ["\(path)/reset_method: \(words.joined(separator: " "))\(note)"] + registers(function)
    case .absent: return ["\(path)/reset_method: not there, so the kernel found no method"] + registers(function)
    case .unknown: return registers(function)
    }
  }

  private static func registers(_ function: Function) -> [Finding.Evidence] {
    guard case .known(let registers) = function.configuration else { return [] }
    return [
      registers.functionLevelReset.value.map { "Device Capabilities bit 28 (FLR): \($0 ? 1 : 0)" },
      registers.powerManagementReset.value.map {
        "PMCSR bit 3 (NoSoftRst): \($0 ? "clear" : "set or no PM capability")"
      },
    ].compactMap { $0 }
  }

  private static func whereabouts(_ function: Function) -> String {
    switch function.driver {
    case .known(let driver): function.isOnVFIO ? "open in another guest" : "on \(driver)"
    case .absent: "unbound"
    case .unknown: "driver unknown"
    }
  }
}
