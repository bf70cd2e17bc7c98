import Foundation
import Host
import PCI
import Sysfs
import System
import Testing

@testable import Inventory

/// A kernel that does not answer some attributes: those are read together, never one by one, and what they say
/// is unknown.
private struct SilentSysfs: Sysfs {
  let tree: TreeSysfs
  /// Paths that are not answered.
  let silent: Set<String>
  /// What may wait is never read in any other way than together.
  private static let guarded: Set<String> = ["uevent", "driver_override", "sriov_numvfs", "config"]

  let isKernel = true

  func entries(_ path: String) throws(SysfsError) -> [String] { try tree.entries(path) }
  func linkTarget(_ path: String) throws(SysfsError) -> String { try tree.linkTarget(path) }
  func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    throw SysfsError(.write, at: path, errno: .readOnly)
  }

  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    if Self.guarded.contains(String(path.split(separator: "/").last ?? "")) {
      Issue.record("\(path) was read by itself")
      throw SysfsError(.read, at: path, errno: .timedOut)
    }
    return try tree.read(path)
  }

  func read(_ paths: [String]) -> [Result<[UInt8], SysfsError>] {
    paths.map { path in
      silent.contains(path)
        ? .failure(SysfsError(.read, at: path, errno: .timedOut))
        : Result { () throws(SysfsError) in try tree.read(path) }
    }
  }
}

@Suite struct SilentTests {
  private static let devices = "/sys/bus/pci/devices"

  private func tree() throws -> InventoryTree {
    let tree = try InventoryTree()
    try tree.folder("/sys/bus/pci/drivers/nvme")
    for name in ["0000:01:00.0", "0000:02:00.0"] {
      let folder = try tree.function(
        name,
        [
          "uevent": "DRIVER=nvme\nPCI_CLASS=10802\nPCI_ID=1B36:0010\nPCI_SUBSYS_ID=1AF4:1100\n", "vendor": "0x1b36\n",
          "device": "0x0010\n", "class": "0x010802\n", "subsystem_vendor": "0x1af4\n", "subsystem_device": "0x1100\n",
          "driver_override": "(null)\n", "sriov_numvfs": "2\n", "sriov_totalvfs": "4\n", "reset_method": "flr bus\n",
          "power_state": "D0\n",
        ])
      try tree.link(folder + "/driver", to: "../../../bus/pci/drivers/nvme")
      try tree.file(folder + "/config", Self.registers(enabled: 0))
    }
    return tree
  }

  /// 4096 bytes with the SR-IOV capability at 0x100.
  static func registers(enabled: UInt8) -> Data {
    var bytes = Data(count: 4096)
    // A capability list that says PCI Express.
    bytes[0x06] = 0x10
    bytes[0x34] = 0x40
    bytes[0x40] = 0x10
    bytes.replaceSubrange(0x100..<0x104, with: [0x10, 0x00, 0x01, 0x00])
    bytes[0x108] = enabled > 0 ? 1 : 0
    bytes[0x10e] = 4
    bytes[0x110] = enabled
    return bytes
  }

  private func look(_ tree: InventoryTree, silent: String...) throws -> [Function] {
    let paths = silent.map { "\(Self.devices)/\($0)" }
    let scanner = Scanner(SilentSysfs(tree: tree.sysfs, silent: Set(paths)))
    var host = try scanner.scan()
    scanner.detail(host.functions.map(\.address), of: &host)
    return host.functions
  }

  @Test func aSilentUeventLeavesWhatOtherAttributesTell() throws {
    let functions = try look(try tree(), silent: "0000:01:00.0/uevent")
    #expect(functions.count == 2)
    let silent = functions[0]
    #expect(silent.id == DeviceID(vendor: 0x1b36, device: 0x0010) && silent.classCode.value?.value == 0x010802)
    #expect(silent.driver.value == "nvme", "the link needs no lock")
    #expect(silent.driverOverride.isUnknown, "the same lock: it is not read")
    #expect(silent.unanswered.map(\.attribute) == ["uevent", "driver_override"])
    #expect(silent.unanswered.allSatisfy { $0.reason == .silent } && silent.isPending)
    #expect(functions[1].unanswered.isEmpty && functions[1].driverOverride.isAbsent)
  }

  @Test func aSilentFunctionWithoutALinkMayStillHaveItsDriver() throws {
    let tree = try tree()
    try tree.remove("/sys/devices/pci0000:00/0000:01:00.0/driver")
    let functions = try look(tree, silent: "0000:01:00.0/uevent")
    #expect(functions[0].driver.isUnknown)
  }

  @Test func aSilentOverrideIsUnknown() throws {
    let functions = try look(try tree(), silent: "0000:02:00.0/driver_override")
    #expect(functions[1].driverOverride.isUnknown)
    #expect(functions[1].unanswered == [Unanswered("driver_override", .silent)])
  }

  @Test func configurationSpaceThatIsNotAnsweredIsNoPendingWrite() throws {
    let functions = try look(try tree(), silent: "0000:01:00.0/config")
    #expect(functions[0].configuration.isUnknown && !functions[0].isPending)
    #expect(functions[0].unanswered == [Unanswered("config", .silent)])
  }

  @Test func linksTellTheNumberOfVirtualFunctionsWithoutTheLock() throws {
    let tree = try tree()
    let folder = "/sys/devices/pci0000:00/0000:01:00.0"
    // The file says 2, and is not read: a read of it waits for the device lock.
    #expect(try look(tree, silent: "0000:01:00.0/sriov_numvfs")[0].virtualFunctionCount.value == 0)
    try tree.link(folder + "/virtfn0", to: "../0000:01:10.0")
    try tree.file(folder + "/config", Self.registers(enabled: 1))
    let one = try look(tree, silent: "0000:01:00.0/sriov_numvfs")[0]
    #expect(one.virtualFunctionCount.value == 1 && one.unanswered.isEmpty)
    // The capability counts more than there are links to: some are on their way out.
    try tree.file(folder + "/config", Self.registers(enabled: 2))
    let going = try look(tree)[0]
    #expect(going.virtualFunctionCount.value == 2)
    #expect(going.unanswered == [Unanswered("sriov_numvfs", .removalPending)] && going.isPending)
  }

  @Test func withoutRegistersTheFileIsAskedAndMayStaySilent() throws {
    let tree = try tree()
    try tree.file("/sys/devices/pci0000:00/0000:01:00.0/config", Data(count: 64))
    #expect(try look(tree)[0].virtualFunctionCount.value == 2)
    let silent = try look(tree, silent: "0000:01:00.0/sriov_numvfs")[0]
    #expect(silent.virtualFunctionCount.isUnknown)
    #expect(silent.unanswered == [Unanswered("sriov_numvfs", .silent)])
  }
}
