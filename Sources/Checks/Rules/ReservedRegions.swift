import Host
import PCI

/// A `direct` region is memory that firmware maps for the device at all times (RMRR): a guest would break it.
struct ReservedRegions: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    let groups = Set(situation.candidates.compactMap(\.iommuGroup.value)).sorted()
    return groups.compactMap { number in
      let path = "/sys/kernel/iommu_groups/\(number)/reserved_regions"
      let members = situation.set.filter { situation.host[$0]?.iommuGroup.value == number }
      switch situation.host.groups[number]?.reservedRegions ?? .unknown {
      case .known(let regions):
        let direct = regions.filter { $0.kind == "direct" }
        guard !direct.isEmpty else { return nil }
        return Finding(
          .reservedRegion, .error, on: members,
          message:
            "Firmware keeps memory mapped for group \(number) (RMRR). The kernel refuses such a group when the guest starts.",
          evidence: direct.map {
            "\(path): 0x\(hexText($0.first, digits: 16)) 0x\(hexText($0.last, digits: 16)) direct"
          },
          remedy:
            "In the firmware setup, turn off what uses the device (management, RAID option ROM, USB legacy support)."
        )
      case .absent: return nil
      case .unknown:
        return situation.unknown(
          .unknownReservedRegion, on: members,
          message: "Whether firmware keeps memory mapped for group \(number) could not be read.",
          evidence: ["\(path): unreadable or not captured"], remedy: "cat \(path)")
      }
    }
  }
}
