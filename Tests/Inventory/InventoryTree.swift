import Host
import struct Host.Host
import PCI
import Sysfs
import System
import TestSupport
import Testing

@testable import Inventory

/// A small `/sys` that a test writes down.
final class InventoryTree: Scratch, @unchecked Sendable {
  var sysfs: TreeSysfs { TreeSysfs(root, isWritable: false) }

  override init() throws {
    try super.init()
    try folder("/sys/bus/pci/devices")
  }

  /// The function's folder, with its link on the bus; `/sys/devices/pci0000:00/…`.
  @discardableResult
  func function(_ name: String, below: String = "pci0000:00", _ files: [String: String] = [:]) throws -> String {
    let folder = "/sys/devices/\(below)/\(name)"
    try self.folder(folder)
    try link("/sys/bus/pci/devices/\(name)", to: "../../../devices/\(below)/\(name)")
    for (file, text) in files { try self.file("\(folder)/\(file)", text) }
    return folder
  }

  func group(_ number: Int, _ folder: String) throws {
    try self.folder("/sys/kernel/iommu_groups/\(number)/devices")
    try link(folder + "/iommu_group", to: "/sys/kernel/iommu_groups/\(number)")
    let name = folder.split(separator: "/").last.map(String.init) ?? ""
    try link("/sys/kernel/iommu_groups/\(number)/devices/\(name)", to: folder)
  }

  func scan() throws -> Host { try Scanner(sysfs).scan() }

  /// The one function, looked at with everything.
  func detailed(_ name: String, wake: Bool = false) throws -> Function {
    var host = try scan()
    let address = try #require(Address(name))
    Scanner(sysfs).detail([address], of: &host, wake: wake)
    return try #require(host[address])
  }

  func brief(_ name: String) throws -> Function {
    let address = try #require(Address(name))
    return try #require(try scan()[address])
  }
}

let event = """
  DRIVER=xclmgmt
  PCI_CLASS=120000
  PCI_ID=10EE:5000
  PCI_SUBSYS_ID=10EE:000E
  PCI_SLOT_NAME=0000:01:00.0
  MODALIAS=pci:v000010EEd00005000sv000010EEsd0000000Ebc12sc00i00

  """
