import Foundation

extension Capture {
  /// Takes a function out of the capture, as unplugging does, or a write to `remove`.
  func pullOut(_ address: String) throws {
    let folder = Self.folder(address)
    let group = target("\(folder)/iommu_group")?.split(separator: "/").last
    let driver = driver(address)
    if let device = target(folder) {
      try remove(folder)
      try remove(device.replacingOccurrences(of: "../../../", with: "/sys/"))
    }
    if let driver { try remove("/sys/bus/pci/drivers/\(driver)/\(address)") }
    if let group { try remove("/sys/kernel/iommu_groups/\(group)/devices/\(address)") }
  }
}
