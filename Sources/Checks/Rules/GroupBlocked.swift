import Host
import PCI

/// Group viability: every member unbound, or on a driver that does not block the group.
struct GroupBlocked: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    let numbers = Set(situation.candidates.filter(\.isEndpoint).compactMap(\.iommuGroup.value))
    return numbers.sorted().flatMap { findings(group: $0, in: situation) }
  }

  private func findings(group number: Int, in situation: Situation) -> [Finding] {
    let members = situation.host.functions(inGroup: number).filter { !situation.set.contains($0.address) }
    var found: [Finding] = []
    let endpoints = situation.host.movable(
      members.filter { member in
        // `has-vfs` tells of a PF's own VFs: they go before it can.
        member.isEndpoint && Self.blocks(member) && !situation.functions.contains { $0.isPhysical(of: member) }
      }, with: situation.set)
    if !endpoints.isEmpty {
      let names = endpoints.map { "\($0.address)" }.joined(separator: ", ")
      found.append(
        Finding(
          .groupBlocked, .error, on: endpoints.map(\.address),
          message: endpoints.count == 1
            ? "Group \(number) also contains \(names), which is on a host driver. It must move with the set, or no guest can open the group."
            : "Group \(number) also contains \(names), which are on host drivers. They must move with the set, or no guest can open the group.",
          evidence: endpoints.map { Self.evidence($0, number) },
          remedy: situation.completingRemedy))
    }
    // A bridge whose unbind takes a function of the set away is `RemovedFunctions`'.
    for bridge in members
    where !bridge.isEndpoint && Self.blocks(bridge)
      && situation.host.removed(with: [bridge.address]).isDisjoint(with: situation.set)
    {
      let driver = bridge.driver.value ?? ""
      found.append(
        Finding(
          .groupBlocked, .error, on: [bridge.address],
          message:
            "The bridge \(bridge.address) of group \(number) is on \(driver). A guest cannot open the group: a bridge may only be on pcieport or unbound.",
          evidence: [Self.evidence(bridge, number)],
          remedy: "echo \(bridge.address) > \(ShellWord.quoted("/sys/bus/pci/drivers/\(driver)/unbind"))"))
    }
    let others = situation.host.groups[number]?.others ?? []
    if !others.isEmpty {
      found.append(
        Finding(
          .groupBlocked, .error, on: situation.set.filter { situation.host[$0]?.iommuGroup.value == number },
          message: "Group \(number) has members that are not PCI functions: \(others.joined(separator: ", ")).",
          evidence: others.map { "/sys/kernel/iommu_groups/\(number)/devices/\($0)" },
          remedy: "Unbind their drivers first. To see them: ls -l /sys/kernel/iommu_groups/\(number)/devices/*/driver"))
    }
    let unclear = members.filter(\.driver.isUnknown)
    if !unclear.isEmpty {
      found.append(
        situation.unknown(
          .unknownGroup, on: unclear.map(\.address),
          message:
            "The driver of \(unclear.map { "\($0.address)" }.joined(separator: ", ")) in group \(number) could not be read, so it may block the group.",
          evidence: unclear.map { "/sys/bus/pci/devices/\($0.address)/driver: unreadable or not captured" },
          remedy: "ls -l /sys/kernel/iommu_groups/\(number)/devices/*/driver"))
    }
    return found
  }

  private static func evidence(_ function: Function, _ group: Int) -> Finding.Evidence {
    "/sys/kernel/iommu_groups/\(group)/devices/\(function.address)/driver: \(function.driver.value ?? "none")"
  }

  /// Bound to something that VFIO does not put up with beside it.
  static func blocks(_ function: Function) -> Bool {
    function.blocksGroup
  }

  /// Other endpoints of a function's group that must be in the set too.
  static func endpoints(blocking function: Function, in host: Host) -> [Function] {
    guard let number = function.iommuGroup.value else { return [] }
    return host.functions(inGroup: number).filter {
      $0.address != function.address && $0.isEndpoint && blocks($0) && !function.isPhysical(of: $0)
    }
  }
}
