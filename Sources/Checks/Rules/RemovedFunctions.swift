import Host
import PCI

/// A driver's unbind removes other functions from the bus: of those in the set no guest can have both.
struct RemovedFunctions: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    let leaving = situation.candidates.filter { !VFIODriver.isVFIO($0.driver.value ?? "") }
    return leaving.flatMap { situation.host.removals(with: $0) }.flatMap { removal -> [Finding] in
      let removal = removal.ofEndpoints(in: situation.host)
      let both = removal.functions.filter(situation.set.contains)
      // Without the PF's VFs in the set, `PFsAndVFs` has the rest.
      if both.isEmpty { return removal.cause == .virtual ? [] : [Self.warning(removal)] }
      return [Self.contradiction(removal, both, in: situation)]
    } + Self.stuck(in: situation)
  }

  private static func contradiction(_ removal: Removal, _ both: [Address], in situation: Situation) -> Finding {
    let names = list(both)
    return Finding(
      .removesFunctions, .error, on: [removal.remover] + both,
      message:
        "\(removal.statement). A guest can have \(removal.remover) or \(names), not both.",
      evidence: removal.evidence,
      remedy: removal.cause == .virtual
        ? "Give VFs to guests and keep the PF on the host: hostdev check \(list(both, " "))"
        : removal.cause == .rootBus
          ? removal.instead : "Choose one: hostdev check \(removal.remover); or: hostdev check \(list(both, " "))")
  }

  private static func warning(_ removal: Removal) -> Finding {
    Finding(
      .removesFunctions, .warning, on: [removal.remover], message: "\(removal.statement). The host loses them.",
      evidence: removal.evidence, remedy: "To see them: hostdev list \(list(removal.functions, " "))")
  }

  /// A function whose group holds the very function that it goes with: no set with it can be opened.
  private static func stuck(in situation: Situation) -> [Finding] {
    situation.candidates.flatMap { function -> [Finding] in
      guard let number = function.iommuGroup.value else { return [] }
      return situation.host.functions(inGroup: number).filter {
        GroupBlocked.blocks($0) && !situation.set.contains($0.address)
      }.flatMap { situation.host.removals(with: $0) }.filter { $0.functions.contains(function.address) }.map {
        Finding(
          .groupBlocked, .error, on: [$0.remover],
          message:
            "Group \(number) also contains \($0.remover), which is on \($0.driver). While it is, no guest can open the group. \($0.ofEndpoints(in: situation.host).statement). So no guest can have \(function.address) on this host as it is.",
          evidence: [
            "/sys/kernel/iommu_groups/\(number)/devices/\($0.remover)/driver: \($0.driver)"
          ] + $0.evidence.dropFirst(),
          remedy:
            "not possible on this host: \(function.address) exists only while \($0.remover) is on \($0.driver). \($0.instead)"
        )
      }
    }
  }

  fileprivate static let turnOff =
    "turn VMD off in the firmware setup, and each disk gets an address and a group of its own"

  fileprivate static func list(_ addresses: [Address], _ separator: String = ", ") -> String {
    addresses.map(\.description).joined(separator: separator)
  }
}

extension Removal {
  /// Without the bridges, if anything else is left.
  fileprivate func ofEndpoints(in host: Host) -> Removal {
    let endpoints = functions.filter { host[$0]?.isEndpoint ?? false }
    var removal = self
    if !endpoints.isEmpty { removal.functions = endpoints }
    return removal
  }

  /// In words, without the full stop.
  fileprivate var statement: String {
    let names = RemovedFunctions.list(functions)
    let number = counted(functions.count, "function")
    return switch cause {
    case .rootBus: "If \(remover) is unbound from \(driver), the kernel removes what is behind it: \(names)"
    case .socket: "If \(remover) is unbound from \(driver), the kernel removes the card in its socket: \(names)"
    case .virtual: "If \(remover) is unbound from \(driver), its virtual functions end: \(names)"
    case .tunnel:
      "\(remover) is the Thunderbolt router of \(number) behind it. Its next driver, the guest's too, can reset the router, which removes \(names)"
    }
  }

  fileprivate var evidence: [Finding.Evidence] {
    let folder = "/sys/bus/pci/devices/\(remover)"
    return ["\(folder)/driver: \(driver)"]
      + functions.map {
        cause == .virtual ? "/sys/bus/pci/devices/\($0)/physfn: \(remover)" : "\($0): behind \(remover)"
      }
  }

  /// What a host can do whose group holds both.
  fileprivate var instead: String {
    switch cause {
    case .rootBus:
      "Give a guest all that is behind it: hostdev check \(remover); or \(RemovedFunctions.turnOff)"
    case .virtual:
      "The slot does not isolate VFs from their PF (no ACS): put the card into another slot. To see the groups: hostdev list --by group"
    case .socket, .tunnel: "Give a guest the controller with all that is behind it: hostdev check \(remover)"
    }
  }
}

extension FindingExplanation {
  static let removesFunctions = Self(
    meaning: "Other functions exist only as long as this function's driver runs.",
    harm: "They disappear as soon as it is unbound, so no guest can have both.",
    remedyIdea: "Give a guest the one or the others.",
    source:
      "/sys/bus/pci/devices/ADDRESS/pciDDDD:BB, virtfn* and consumer:*; vmd_remove() of drivers/pci/controller/vmd.c, pci_disable_sriov(), yenta_close() of drivers/pcmcia/yenta_socket.c, nhi_reset() of drivers/thunderbolt/nhi.c"
  )
}
