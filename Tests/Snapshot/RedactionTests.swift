import System
import TestSupport
import Testing

@testable import Snapshot

@Suite struct RedactionTests {
  @Test func nothingThatTellsOneMachineFromAnotherIsLeft() throws {
    let tree = try snapshot(of: try makeHost(), redact: true)
    for secret in ["S4EWNX0R123456", "0025385b71b0a1c2", "52:54:00:ab:12:cd", "525400ab12cd", "505400fffeab12cd"] {
      for path in tree.all {
        #expect(!path.contains(secret), "\(path)")
        #expect(tree[path]?.contains(secret) != true, "\(path)")
        #expect(tree.target(path)?.contains(secret) != true, "\(path)")
      }
    }
    let config = try Root(tree.path).read("/\(Place.disk)/config")
    #expect(config.count == 4096)
    #expect(!config.contains(0xa5))
    #expect(config[0x100] == 0x03)
  }

  @Test func whatBelongsTogetherStillDoes() throws {
    let tree = try snapshot(of: try makeHost(), redact: true)

    let links = tree.all.filter { $0.hasPrefix("dev/disk/by-id/") }
    #expect(links.count == 1)
    #expect(links.allSatisfy { tree["proc/cmdline"]?.contains($0.dropFirst("dev".count)) == true })
    #expect(tree.target("sys/class/net/enx000000000001") != nil)
    #expect(tree["\(Place.nic)/net/enx000000000001/uevent"] == "INTERFACE=enx000000000001\nIFINDEX=2\n")
  }

  @Test func theRestIsAsItWas() throws {
    let host = try makeHost()
    let tree = try snapshot(of: host, redact: true)
    for path in [
      "etc/fstab", "sys/kernel/iommu_groups/7/reserved_regions", "lib/modules/6.12.1/modules.alias",
      "\(Place.disk)/nvme/nvme0/address", "\(Place.disk)/uevent", "sys/devices/virtual/block/dm-0/dm/uuid",
    ] { #expect(tree[path] == host[path], "\(path)") }
    #expect(tree["run/udev/data/b259:0"]?.contains("E:ID_FS_UUID=5eed-01\n") == true)
  }

  @Test(arguments: [
    ("52:54:00:ab:12:cd\n", "00:00:00:00:00:00\n"),
    ("BOOTIF=01-52-54-00-ab-12-cd ip=dhcp", "BOOTIF=00-00-00-00-00-00-00 ip=dhcp"),
    ("0000:02:00.0", "0000:02:00.0"), ("12:34:56", "12:34:56"),
    ("5eedf1c5-0000-4000-8000-000000000001", "5eedf1c5-0000-4000-8000-000000000001"),
    ("U: Uniq=ab12\n", "U: Uniq=redacted-1\n"),
    ("E:ID_SERIAL=A B\nE:ID_BUS=ata\n", "E:ID_SERIAL=redacted-1\nE:ID_BUS=ata\n"),
    ("x,serial=1,y=2", "x,serial=redacted-1,y=2"),
    ("by-id/a by-id/b by-id/a", "by-id/redacted-1 by-id/redacted-2 by-id/redacted-1"),
    ("console=ttyS0", "console=ttyS0"), ("SERIAL=\n", "SERIAL=\n"), ("", ""), ("=", "="), ("by-id/", "by-id/"),
  ]) func textIsScanned(_ before: String, _ after: String) {
    #expect(Redaction().name(before) == after)
  }
}
