import PCI
import Sysfs
import System
import TestSupport

@testable import KernelSimulator

/// A capture made for one test.
final class SimulatedCapture: Scratch, @unchecked Sendable {
  var tree: Tree { Tree(root: root) }
  var sysfs: SimulatedSysfs { SimulatedSysfs(root: root, clock: .system) }

  override init() throws {
    try super.init()
    try folder(BusPath.devices)
    try folder(BusPath.groups)
    try file("\(BusPath.bus)/drivers_autoprobe", "1\n")
    try file("\(BusPath.bus)/drivers_probe")
  }

  override init(_ fixture: Fixture) throws { try super.init(fixture) }

  func driver(_ name: String) throws {
    for attribute in ["bind", "unbind", "new_id", "remove_id"] { try file("\(BusPath.driver(name))/\(attribute)", "") }
  }

  /// One function with the files that a kernel shows; returns its folder.
  @discardableResult
  func function(
    _ address: String, below port: String? = nil, ids: String = "0x8086 0x10d3", code: String = "0x020000",
    driver: String? = nil, group: Int? = nil, methods: String? = nil, header: UInt8 = 0
  ) throws -> String {
    let folder = "/sys/devices/pci0000:00/" + (port.map { "\($0)/" } ?? "") + address
    let words = ids.split(separator: " ")
    try file("\(folder)/vendor", "\(words[0])\n")
    try file("\(folder)/device", "\(words[1])\n")
    try file("\(folder)/class", "\(code)\n")
    try file("\(folder)/uevent", (driver.map { "DRIVER=\($0)\n" } ?? "") + "PCI_SLOT_NAME=\(address)\n")
    try file("\(folder)/driver_override", "(null)\n")
    try file("\(folder)/enable", driver == nil ? "0\n" : "1\n")
    try file("\(folder)/power_state", "D0\n")
    var registers = [UInt8](repeating: 0, count: 64)
    registers[0x0e] = header
    try root.replace("\(folder)/config", with: registers)
    if let methods {
      try file("\(folder)/reset", "")
      try file("\(folder)/reset_method", methods + "\n")
    }
    let inSys = folder.dropFirst("/sys/".utf8.count)
    try tree.link("\(BusPath.devices)/\(address)", to: "../../../\(inSys)")
    if let driver {
      try self.driver(driver)
      try tree.link("\(folder)/driver", to: upToSys(from: folder) + "bus/pci/drivers/\(driver)")
      try tree.link("\(BusPath.driver(driver))/\(address)", to: "../../../../\(inSys)")
    }
    if let group {
      let members = "\(BusPath.groups)/\(group)/devices"
      try root.makeDirectory(members)
      try tree.link("\(members)/\(address)", to: "../../../../\(inSys)")
      try tree.link("\(folder)/iommu_group", to: upToSys(from: folder) + "kernel/iommu_groups/\(group)")
    }
    return folder
  }

  /// What the write answers: nil is success.
  func write(_ text: String, _ path: String) -> Errno? {
    do {
      try sysfs.write(Array(text.utf8), to: path)
      return nil
    } catch { return error.errno }
  }
}
