import Foundation
import PCI
import System
import TestSupport
import Testing

@testable import Snapshot

@Suite struct SnapshotTests {
  @Test func whatTheCommandsReadIsThere() throws {
    let host = try makeHost()
    let tree = try snapshot(of: host)
    let block = "\(Place.disk)/nvme/nvme0/nvme0n1"
    for path in [
      "\(Place.disk)/uevent", "\(Place.disk)/config", "\(Place.disk)/driver_override", "\(Place.disk)/power/control",
      "\(Place.disk)/nvme/nvme0/serial", "\(block)/wwid", "\(block)/nvme0n1p1/partition",
      "sys/devices/virtual/block/dm-0/dm/name", "sys/devices/virtual/net/br0/operstate",
      "sys/kernel/iommu_groups/7/reserved_regions", "sys/module/vfio_pci/parameters/disable_idle_d3",
      "sys/bus/pci/drivers_autoprobe", "proc/cmdline", "proc/812/comm", "lib/modules/6.12.1/modules.alias",
      "run/udev/data/b259:0", "etc/fstab",
    ] { #expect(tree[path] == host[path], "\(path)") }
    for path in [
      "sys/bus/pci/devices/0000:02:00.0", "\(Place.disk)/driver", "\(Place.disk)/iommu_group",
      "sys/bus/pci/drivers/nvme/0000:02:00.0", "sys/module/nvme/drivers/pci:nvme",
      "sys/kernel/iommu_groups/7/devices/0000:02:00.0", "\(block)/nvme0n1p1/holders/dm-0",
      "\(Place.nic)/net/enx525400ab12cd/master", "sys/class/block/dm-0", "sys/class/net/br0", "proc/812/fd/3",
      "dev/disk/by-id/nvme-Samsung_S4EWNX0R123456",
    ] { #expect(tree.target(path) != nil && tree.target(path) == host.target(path), "\(path)") }
  }

  @Test func whatIsOnlyWrittenIsEmptyAndEmptyFoldersStay() throws {
    let tree = try snapshot(of: try makeHost())
    for path in ["\(Place.disk)/reset", "sys/bus/pci/drivers/nvme/unbind", "dev/nvme0n1"] {
      #expect(tree[path] == "", "\(path)")
    }
    #expect(tree.all.contains("sys/class/drm"))
    #expect(tree.all.contains("\(Place.disk)/nvme/nvme0/nvme0n1/holders"))
    #expect(!tree.all.contains("sys/class/input"))
  }

  @Test func nothingElseIs() throws {
    let tree = try snapshot(of: try makeHost())
    let names = Set(tree.all.compactMap { $0.split(separator: "/").last.map(String.init) })
    for name in [
      "rom", "vpd", "resource0", "msi_irqs", "firmware_node", "autosuspend_delay_ms", "environ", "813", "shadow",
      "ext4",
      "io_queue_depth", "4",
    ] { #expect(!names.contains(name), "\(name)") }
  }

  @Test func aSleepingFunctionIsNotWokenUnlessAsked() throws {
    let host = try makeHost()
    let first = try Scratch()
    let summary = try Snapshot(source: Root(host.path)).write(to: first.path, redact: false)
    #expect(summary.asleep.map(\.description) == ["0000:00:02.0"])
    #expect(first["\(Place.card)/config"] == nil)
    let second = try Scratch()
    let all = try Snapshot(source: Root(host.path), wakes: true).write(to: second.path, redact: false)
    #expect(all.asleep.isEmpty)
    #expect(second["\(Place.card)/config"] != nil)
  }

  @Test func anOverrideThatMayNotAnswerIsNotRead() throws {
    let host = try makeHost()
    let tree = try Scratch()
    let disk = try #require(Address("0000:02:00.0"))
    _ = try Snapshot(source: Root(host.path), pending: [disk]).write(to: tree.path, redact: false)
    #expect(tree["\(Place.disk)/driver_override"] == nil)
    #expect(tree["\(Place.nic)/driver_override"] == "(null)\n")
  }

  @Test func aProcessThatMayNotBeLookedAtStaysUnseen() throws {
    let host = try makeHost()
    try host.file("proc/900/comm", "Xorg\n")
    // As any user but root meets it: the folder cannot be listed.
    try host.file("proc/900/fd", "")
    let tree = try Scratch()
    let summary = try Snapshot(source: Root(host.path)).write(to: tree.path, redact: false)
    #expect(summary.processesUnseen == 1)
    #expect(tree["proc/900/comm"] == "Xorg\n")
    #expect(throws: SystemError.self) { try Root(tree.path).entries("/proc/900/fd") }
  }

  @Test func aSnapshotOfASnapshotIsTheSame() throws {
    let host = try makeHost()
    try host.file("proc/900/fd", "")
    let first = try snapshot(of: host)
    let second = try snapshot(of: first)
    #expect(second.all == first.all)
    for path in first.all {
      #expect(second[path] == first[path] && second.target(path) == first.target(path))
    }
  }

  @Test func noLinkLeadsOut() throws {
    let host = try makeHost()
    try host.link("\(Place.disk)/supplier:pci:0000:00:19.0", to: "/sys/devices/virtual/devlink/x")
    try host.link("\(Place.disk)/consumer:x", to: "../../../../../../../../../etc")
    let tree = try snapshot(of: host)
    #expect(tree.target("\(Place.disk)/supplier:pci:0000:00:19.0") == "../../../virtual/devlink/x")
    #expect(tree.target("\(Place.disk)/consumer:x") == "../../../../../etc")
    for path in tree.all where !path.hasPrefix("proc/") {
      if let target = tree.target(path) { #expect(!target.hasPrefix("/") && !climbs("/" + path, target), "\(path)") }
    }
  }

  @Test func whatCannotBeReadIsTold() throws {
    let host = try makeHost()
    try host.remove("proc/cmdline")
    try host.folder("proc/cmdline")
    let tree = try Scratch()
    let summary = try Snapshot(source: Root(host.path)).write(to: tree.path, redact: false)
    #expect(summary.skipped == [SystemError(call: "read", path: "/proc/cmdline", errno: .isDirectory)])
    #expect(summary.files + summary.links < tree.all.count)
  }
}

@Suite struct DestinationTests {
  @Test func aNewFolderIsMade() throws {
    let host = try makeHost()
    let parent = try Scratch()
    _ = try Snapshot(source: Root(host.path)).write(to: parent.path + "/new/", redact: false)
    #expect(parent["new/etc/fstab"] != nil)
  }

  @Test func aFolderWithSomethingInItIsRefused() throws {
    let host = try makeHost()
    let target = try Scratch()
    try target.file("mine", "x")
    #expect(throws: SnapshotError.notEmpty(target.path)) {
      try Snapshot(source: Root(host.path)).write(to: target.path, redact: false)
    }
    #expect(target.all == ["mine"])
  }

  @Test func aFileOrAFolderWithoutAParentIsRefused() throws {
    let host = try makeHost()
    let target = try Scratch()
    try target.file("mine", "x")
    for path in [target.path + "/mine", target.path + "/a/b", "", "/"] {
      #expect(throws: SnapshotError.self) { try Snapshot(source: Root(host.path)).write(to: path, redact: false) }
    }
    #expect(target.all == ["mine"])
  }

  @Test func withoutAPCIBusNothingIsMade() throws {
    let empty = try Scratch()
    let parent = try Scratch()
    #expect(throws: SnapshotError.self) {
      try Snapshot(source: Root(empty.path)).write(to: parent.path + "/new", redact: false)
    }
    #expect(parent.all.isEmpty)
  }

  @Test func whatWasWrittenIsTakenAwayWhenWritingFails() throws {
    let host = try makeHost()
    // 253 bytes are a name; with the temporary one's prefix they are none.
    let name = "pci:" + String(repeating: "x", count: 249)
    try host.file("run/udev/data/n", "x")
    try host.root.rename("/run/udev/data/n", to: "/run/udev/data/n\(name)")
    let parent = try Scratch()
    do {
      _ = try Snapshot(source: Root(host.path)).write(to: parent.path + "/new", redact: false)
      Issue.record("nothing failed")
    } catch SnapshotError.destination(let error, let isClean) {
      #expect(error.errno.name == "ENAMETOOLONG")
      #expect(isClean)
    }
    #expect(parent.all.isEmpty)
  }
}
