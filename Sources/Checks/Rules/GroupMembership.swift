/// The function itself must have a group.
struct GroupMembership: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    if situation.host.hasNoGroups { return [] }
    return situation.candidates.filter(\.isEndpoint).compactMap { function in
      let path = "/sys/bus/pci/devices/\(function.address)/iommu_group"
      switch function.iommuGroup {
      case .known: return nil
      case .absent:
        return Finding(
          .noGroup, .error, on: [function.address],
          message: "\(function.address) has no IOMMU group, so VFIO cannot isolate it.",
          evidence: ["\(path): not there"],
          remedy: "To see which IOMMU covers it: dmesg | grep -i -e dmar -e iommu; ls /sys/class/iommu")
      case .unknown:
        return situation.unknown(
          .unknownGroup, on: [function.address],
          message:
            "The IOMMU group of \(function.address) could not be read, so the functions that share it are unknown.",
          evidence: ["\(path): unreadable or not captured"], remedy: "ls -l \(path)")
      }
    }
  }
}
