import Foundation
import Host
import HostUse
import Inventory
import PCI
import Sysfs
import System
import TestSupport
import Testing

@testable import Snapshot

/// What the host's use of a function is told from survives the snapshot.
@Suite struct EvidenceTests {
  private static let virtual = "sys/devices/virtual"

  private func evidence(_ tree: Scratch) throws -> (Usage, Surroundings) {
    let sysfs = TreeSysfs(try Root(tree.path), isWritable: false)
    let scanner = Scanner(sysfs)
    var host = try scanner.scan()
    scanner.detail(host.functions.map(\.address), of: &host, wake: true)
    let evidence = Evidence(sysfs: sysfs, isRehearsal: true, clock: .system)
    return (evidence.gather(host.functions.map(\.address), in: host), SurroundingsReader(sysfs, isCapture: true).read())
  }

  private func storage(_ tree: Scratch) throws {
    let part = "\(Place.disk)/nvme/nvme0/nvme0n1/nvme0n1p1"
    try tree.file("\(part)/uevent", "MAJOR=259\nMINOR=1\nDEVNAME=nvme0n1p1\nDEVTYPE=partition\n")
    try tree.link("\(part)/subsystem", to: "../../../../../../../../class/block")
    try tree.link("\(Place.disk)/nvme/nvme0/nvme0n1/subsystem", to: "../../../../../../../class/block")
    try tree.file("\(part)/bcache/state", "clean\n")
    try tree.link("sys/class/block/nvme0n1p1", to: "../../" + part.dropFirst(4))
    try tree.file("run/udev/data/b259:1", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\nE:ID_PART_ENTRY_UUID=aa-1\n")
    try tree.file("proc/spl/kstat/zfs/tank/state", "ONLINE\n")
    try tree.file("sys/kernel/config/nvmet/subsystems/nqn.x/namespaces/1/enable", "1\n")
    try tree.file("sys/kernel/config/nvmet/subsystems/nqn.x/namespaces/1/device_path", "/dev/nvme0n1p1\n")
    try tree.file("sys/kernel/config/target/core/iblock_0/d/udev_path", "/dev/nvme0n1p1\n")
    try tree.file("sys/kernel/config/target/iscsi/iqn.x/tpgt_1/auth/password", "secret\n")
    try tree.file("proc/fs/jbd2/nvme0n1p1/info", "\n")
    try tree.link("sys/fs/btrfs/aa/devices/nvme0n1", to: "../../../../class/block/nvme0n1")
    let efi = "sys/firmware/efi"
    try tree.file("\(efi)/fw_platform_size", "64\n")
    try tree.file("\(efi)/efivars/Other-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", "secret")
    try tree.file(
      "\(efi)/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
      [6, 0, 0, 0, 0x61, 0, 0x61, 0, 0x2d, 0, 0x31, 0, 0, 0])
    try tree.file("\(efi)/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", [6, 0, 0, 0, 1])
  }

  private func network(_ tree: Scratch) throws {
    try tree.file("\(Place.nic)/net/enx525400ab12cd/flags", "0x1002\n")
    try tree.file("\(Place.nic)/net/enx525400ab12cd/operstate", "down\n")
    try tree.file("\(Place.nic)/infiniband/mlx5_0/ports/1/state", "4: ACTIVE\n")
    try tree.file("\(Place.nic)/infiniband/mlx5_0/uevent", "NAME=mlx5_0\n")
    try tree.file("proc/net/route", "I D G F R U M Mask\nbr0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n")
    try tree.file("run/openvswitch/br0.mgmt")
    let session = "sys/devices/platform/host3/session1"
    try tree.file("\(session)/connection1:0/iscsi_connection/connection1:0/address", "192.0.2.8\n")
    try tree.file("\(session)/iscsi_session/session1/targetname", "iqn.x\n")
    try tree.link("\(session)/iscsi_session/session1/device", to: "../../../session1")
    try tree.file("\(session)/target3:0:0/3:0:0:0/block/sdq/uevent", "MAJOR=65\nMINOR=0\nDEVNAME=sdq\n")
    try tree.file("proc/self/mountinfo", "22 1 65:0 / /srv rw - ext4 /dev/sdq rw\n")
    try tree.link(
      "sys/class/iscsi_connection/connection1:0",
      to: "../../devices/platform/host3/session1/connection1:0/iscsi_connection/connection1:0")
    try tree.link(
      "sys/class/iscsi_session/session1", to: "../../devices/platform/host3/session1/iscsi_session/session1")
    try tree.link("sys/class/block/sdq", to: "../../" + session.dropFirst(4) + "/target3:0:0/3:0:0:0/block/sdq")
  }

  private func rest(_ tree: Scratch) throws {
    try tree.file("\(Place.card)/d3cold_allowed", "1\n")
    try tree.file("\(Place.card)/power/runtime_status", "suspended\n")
    try tree.file("\(Place.nic)/aer_dev_fatal", "TOTAL_ERR_FATAL 3\n")
    try tree.link("proc/61/fd/3", to: "/sys/devices/pci0000:00/0000:00:02.0/resource0")
    try tree.file("proc/61/comm", "pcimem\n")
    try tree.file("proc/62/comm", "dpdk\n")
    try tree.link("proc/62/fd/4", to: "/dev/hugepages/x")
    try tree.file(
      "proc/62/maps",
      "55-56 r-xp 0 08:01 12 /usr/bin/dpdk\n7f-80 rw-s 0 00:16 7 /sys/devices/pci0000:00/0000:00:02.0/resource2\n")
    try tree.link("proc/63/ns/net", to: "net:[2]")
    try tree.folder("proc/63/fd")
    try tree.file("proc/63/comm", "nginx\n")
    let hid = "\(Place.card)/usb1/1-3/1-3:1.0/0003:051D:0002.0001"
    try tree.file("\(Place.card)/usb1/1-3/uevent", "DEVTYPE=usb_device\n")
    try tree.file("\(hid)/uevent", "HID_NAME=Back-UPS\n")
    try tree.link("\(hid)/subsystem", to: "../../../../../../../../bus/hid")
    try tree.file("\(hid)/report_descriptor", [0x05, 0x84, 0x09, 0x04])
    try tree.link("\(Place.card)/driver", to: "../../../bus/pci/drivers/xhci_hcd")
    try tree.link("\(Place.nic)/driver", to: "../../../bus/pci/drivers/mlx5_core")
  }

  @Test func theCopyTellsWhatTheHostTells() throws {
    let host = try makeHost()
    try storage(host)
    try network(host)
    try rest(host)
    let copy = try snapshot(of: host)
    let (before, around) = try evidence(host)
    let (after, aroundCopy) = try evidence(copy)
    #expect(after.uses == before.uses)
    #expect(after.conditions == before.conditions)
    #expect(after.unknown == before.unknown)
    #expect(aroundCopy == around)
    // The comparison is of something.
    let kinds = Set(before.uses.map(\.kind))
    #expect(
      kinds.isSuperset(of: [.pool, .holder, .boot, .master, .rdma, .remoteStorage, .open, .ups, .usb]), "\(kinds)")
    #expect(before.uses.contains { $0.detail.hasSuffix("resource2 mapped") })
    #expect(around.secureBoot == .known(true))
    #expect(!copy.all.contains { $0.contains("Other-4a67") || $0.contains("rest") })
    #expect(copy.all.contains("run/openvswitch/br0.mgmt"))
    #expect(copy["proc/62/maps"]?.contains("/usr/bin") == false)
    #expect(copy.target("proc/63/ns/net") == "net:[2]")
  }
}
