import Foundation
import Sysfs
import System
import TestSupport
import Testing

/// A tree that a test writes down, and the sysfs that reads it.
private final class Tree: Scratch, @unchecked Sendable {
  var sysfs: TreeSysfs { TreeSysfs(root, isWritable: false) }

  override init() throws {
    try super.init()
    try file("/sys/devices/a/attribute", "value \t\n\u{0}\n")
    for (name, target) in [("driver", "../../bus/pci/drivers/nvme"), ("loop", "loop"), ("dangling", "nowhere")] {
      try link("/sys/devices/a/\(name)", to: target)
    }
  }
}

@Suite struct TreeSysfsTests {
  @Test func theFourVerbs() throws {
    let tree = try Tree()
    let sysfs = tree.sysfs
    #expect(try sysfs.entries("/sys/devices/a") == ["attribute", "dangling", "driver", "loop"])
    #expect(try sysfs.read("/sys/devices/a/attribute") == Array("value \t\n\u{0}\n".utf8))
    #expect(try sysfs.linkTarget("/sys/devices/a/driver") == "../../bus/pci/drivers/nvme")
    #expect(throws: SysfsError(.write, at: "/sys/devices/a/attribute", errno: .readOnly)) {
      try sysfs.write([1], to: "/sys/devices/a/attribute")
    }
    let writable = TreeSysfs(tree.root, isWritable: true)
    try writable.write(Array("x".utf8), to: "/sys/devices/a/attribute")
    #expect(try sysfs.read("/sys/devices/a/attribute").first == UInt8(ascii: "x"))
    #expect(throws: SysfsError(.write, at: "/sys/devices/a/gone", errno: .noEntry)) {
      try writable.write([1], to: "/sys/devices/a/gone")
    }
  }

  @Test func errorsSayVerbPathAndAnswer() throws {
    let tree = try Tree()
    defer { withExtendedLifetime(tree) {} }
    let sysfs = tree.sysfs
    #expect(throws: SysfsError(.read, at: "/sys/gone", errno: .noEntry)) { try sysfs.read("/sys/gone") }
    #expect(throws: SysfsError(.entries, at: "/sys/gone", errno: .noEntry)) { try sysfs.entries("/sys/gone") }
    #expect(throws: SysfsError(.linkTarget, at: "/sys/devices", errno: .invalid)) {
      try sysfs.linkTarget("/sys/devices")
    }
    #expect(throws: SysfsError(.read, at: "/sys/devices/a/loop", errno: .loop)) {
      try sysfs.read("/sys/devices/a/loop")
    }
    #expect(throws: SysfsError(.entries, at: "/sys/devices/a/attribute", errno: .notDirectory)) {
      try sysfs.entries("/sys/devices/a/attribute")
    }
  }

  @Test func textLosesTheWhiteSpaceAtItsEnd() throws {
    let tree = try Tree()
    #expect(try tree.sysfs.text("/sys/devices/a/attribute") == "value")
    try Data([0x20, 0x61, 0xff, 0x0a]).write(to: URL(filePath: tree.path + "/sys/devices/a/attribute"))
    #expect(try tree.sysfs.text("/sys/devices/a/attribute") == " a\u{fffd}")
    try Data("\n".utf8).write(to: URL(filePath: tree.path + "/sys/devices/a/attribute"))
    #expect(try tree.sysfs.text("/sys/devices/a/attribute") == "")
  }

  @Test func aLinkHasItsName() throws {
    let tree = try Tree()
    defer { withExtendedLifetime(tree) {} }
    let sysfs = tree.sysfs
    #expect(try sysfs.linkName("/sys/devices/a/driver") == "nvme")
    #expect(try sysfs.linkName("/sys/devices/a/dangling") == "nowhere")
  }

  @Test func aLinkIsThereWhereverItLeads() throws {
    let tree = try Tree()
    defer { withExtendedLifetime(tree) {} }
    let sysfs = tree.sysfs
    for name in ["attribute", "driver", "loop", "dangling"] { #expect(sysfs.exists("/sys/devices/a/" + name)) }
    #expect(sysfs.exists("/sys/devices/a"))
    #expect(!sysfs.exists("/sys/devices/a/gone"))
    #expect(!sysfs.exists("/sys/gone/a"))
  }

  /// A tree without listings of its own makes them of single reads, and gives the same answers.
  @Test func theListingsOfAnySysfsAgree() throws {
    let tree = try Tree()
    let plain = Plain(tree: tree.sysfs)
    try FileManager.default.createDirectory(atPath: tree.path + "/proc/7/fd", withIntermediateDirectories: true)
    for (number, target) in ["/dev/vfio/12", "/srv/x", "socket:[1]", "/sys/devices/a/resource0"].enumerated() {
      try FileManager.default.createSymbolicLink(
        atPath: tree.path + "/proc/7/fd/\(number)", withDestinationPath: target)
    }
    #expect(try plain.folders("/sys/devices") == ["a"])
    #expect(try plain.folders("/sys/devices/a") == [])
    for folder in ["/sys", "/sys/devices", "/sys/devices/a", "/proc/7"] {
      #expect(try plain.folders(folder) == tree.sysfs.folders(folder))
    }
    let devices = try plain.openDevices("/proc/7/fd")
    let others = try tree.sysfs.openDevices("/proc/7/fd")
    #expect(devices.seen == 4 && others.seen == 4)
    #expect(Set(devices.devices.map(\.name)) == ["/dev/vfio/12", "/sys/devices/a/resource0"])
    #expect(Set(others.devices.map(\.name)) == Set(devices.devices.map(\.name)))
    #expect(throws: SysfsError(.entries, at: "/gone", errno: .noEntry)) { try plain.folders("/gone") }
    #expect(throws: SysfsError(.entries, at: "/gone", errno: .noEntry)) { try tree.sysfs.folders("/gone") }
  }
}

/// The four verbs and nothing else.
private struct Plain: Sysfs {
  let tree: TreeSysfs
  func entries(_ path: String) throws(SysfsError) -> [String] { try tree.entries(path) }
  func read(_ path: String) throws(SysfsError) -> [UInt8] { try tree.read(path) }
  func linkTarget(_ path: String) throws(SysfsError) -> String { try tree.linkTarget(path) }
  func write(_ value: [UInt8], to path: String) throws(SysfsError) { try tree.write(value, to: path) }
}
