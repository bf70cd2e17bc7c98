import PCI
import Sysfs
import System

@testable import KernelSimulator

/// A tree made for one test, below `/tmp`, and gone with it.
final class Capture {
  let root: Root
  var tree: Tree { Tree(root: root) }
  var sysfs: SimulatedSysfs { SimulatedSysfs(root: root) }

  init() throws {
    let name = "hostdev-simulator-test-\(UInt64.random(in: 0 ... .max))"
    try Root("/tmp").makeDirectory("/\(name)")
    root = try Root("/tmp/\(name)")
    try root.makeDirectory(BusPath.devices)
    try root.makeDirectory(BusPath.groups)
    try put("\(BusPath.bus)/drivers_autoprobe", "1\n")
    try put("\(BusPath.bus)/drivers_probe", "")
  }

  deinit {
    guard let top = try? Root("/tmp") else { return }
    try? Tree(root: top).removeAll(String(root.path.dropFirst("/tmp".utf8.count)))
  }

  func put(_ path: String, _ text: String) throws {
    try root.makeDirectory(path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
    try tree.put(path, text)
  }

  func driver(_ name: String) throws {
    for file in ["bind", "unbind", "new_id", "remove_id"] { try put("\(BusPath.driver(name))/\(file)", "") }
  }

  /// One function with the files that a kernel shows; returns its folder.
  @discardableResult
  func function(
    _ address: String, below port: String? = nil, ids: String = "0x8086 0x10d3", code: String = "0x020000",
    driver: String? = nil, group: Int? = nil, methods: String? = nil, header: UInt8 = 0
  ) throws -> String {
    let folder = "/sys/devices/pci0000:00/" + (port.map { "\($0)/" } ?? "") + address
    let words = ids.split(separator: " ")
    try put("\(folder)/vendor", "\(words[0])\n")
    try put("\(folder)/device", "\(words[1])\n")
    try put("\(folder)/class", "\(code)\n")
    try put("\(folder)/uevent", (driver.map { "DRIVER=\($0)\n" } ?? "") + "PCI_SLOT_NAME=\(address)\n")
    try put("\(folder)/driver_override", "(null)\n")
    try put("\(folder)/enable", driver == nil ? "0\n" : "1\n")
    try put("\(folder)/power_state", "D0\n")
    var registers = [UInt8](repeating: 0, count: 64)
    registers[0x0e] = header
    try root.replace("\(folder)/config", with: registers)
    if let methods {
      try put("\(folder)/reset", "")
      try put("\(folder)/reset_method", methods + "\n")
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

  /// Everything of a fixture, in place of what is here.
  func take(_ fixture: String) throws {
    let repository = String(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })
    for name in tree.names("/") { try tree.removeAll("/\(name)") }
    try copy(try Root("\(repository)/Fixtures/\(fixture)"), "")
  }

  private func copy(_ from: Root, _ folder: String) throws {
    for name in try from.entries(folder.isEmpty ? "/" : folder) {
      let path = "\(folder)/\(name)"
      if let target = try? from.linkTarget(path) {
        try root.makeLink(path, to: target)
      } else if try from.kind(path) == .directory {
        try root.makeDirectory(path)
        try copy(from, path)
      } else {
        try root.replace(path, with: try from.read(path))
      }
    }
  }

  /// What the write answers: nil is success.
  func write(_ text: String, _ path: String) -> Errno? {
    do {
      try sysfs.write(Array(text.utf8), to: path)
      return nil
    } catch { return error.errno }
  }
}
