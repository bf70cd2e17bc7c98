import Host
import PCI
import Sysfs
import Testing

@testable import Inventory

@Suite struct ResolverTests {
  /// A card of two functions below a port, an NVMe disk, a NIC, a multipath disk of two paths and a volume on it.
  private func tree() throws -> InventoryTree {
    let tree = try InventoryTree()
    let port = try tree.function("0000:00:01.0", ["uevent": "DRIVER=pcieport\nPCI_CLASS=60400\nPCI_ID=8086:1901\n"])
    try tree.group(1, port)
    for (number, name) in ["0000:01:00.0", "0000:01:00.1"].enumerated() {
      try tree.group(12 + number, try tree.function(name, below: "pci0000:00/0000:00:01.0", ["uevent": event]))
    }
    let disk = "PCI_CLASS=10802\nPCI_ID=144D:A80A\n"
    let nvme = try tree.function("0000:02:00.0", ["uevent": disk])
    try tree.group(1, nvme)
    try tree.function("0000:03:00.0", ["uevent": disk])
    try tree.function("0000:04:00.0", ["uevent": disk])
    try tree.folder("\(nvme)/nvme/nvme0/nvme0n1/nvme0n1p2")
    try tree.link("/sys/class/block/nvme0n1", to: "../..\(nvme.dropFirst(4))/nvme/nvme0/nvme0n1")
    try tree.link("/sys/class/block/nvme0n1p2", to: "../..\(nvme.dropFirst(4))/nvme/nvme0/nvme0n1/nvme0n1p2")
    try tree.link("/dev/disk/by-id/the-disk", to: "../../nvme0n1")
    try tree.file("/dev/nvme0n1", "")
    try tree.link("/sys/class/nvme/nvme0", to: "../..\(nvme.dropFirst(4))/nvme/nvme0")
    try tree.folder("/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1")
    try tree.link("/sys/class/block/nvme1n1", to: "../../devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1")
    try tree.link("/sys/class/nvme-subsystem/nvme-subsys1", to: "../../devices/virtual/nvme-subsystem/nvme-subsys1")
    for (number, name) in ["0000:03:00.0", "0000:04:00.0"].enumerated() {
      try tree.link(
        "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme\(1 + number)",
        to: "../../../pci0000:00/\(name)/nvme/nvme\(1 + number)")
    }
    try tree.folder("/sys/devices/virtual/block/dm-0/slaves/nvme1n1")
    try tree.folder("/sys/devices/virtual/block/dm-0/slaves/nvme0n1p2")
    try tree.link("/sys/class/block/dm-0", to: "../../devices/virtual/block/dm-0")
    try tree.link("/dev/mapper/volume", to: "../dm-0")
    try tree.folder("/sys/devices/virtual/block/loop0")
    try tree.link("/sys/class/block/loop0", to: "../../devices/virtual/block/loop0")
    try tree.folder("/sys/devices/pci0000:00/0000:02:00.0/net/enp2s0")
    try tree.link("/sys/class/net/enp2s0", to: "../../devices/pci0000:00/0000:02:00.0/net/enp2s0")
    try tree.link("/sys/class/net/lo", to: "../../devices/virtual/net/lo")
    return tree
  }

  private func resolve(_ text: String, named: [Address] = []) throws -> [String] {
    let tree = try tree()
    return try Resolver(host: try tree.scan(), sysfs: tree.sysfs)
      .functions(try Selector(parsing: text), named: named).map(\.description)
  }

  @Test(arguments: [
    ("01:00.1", ["0000:01:00.1"]), ("01:00", ["0000:01:00.0", "0000:01:00.1"]),
    ("pci_0000_00_01_0", ["0000:00:01.0"]), ("10ee:5000", ["0000:01:00.0", "0000:01:00.1"]),
    ("group:12", ["0000:01:00.0"]), ("group:1", ["0000:02:00.0"]), ("net:enp2s0", ["0000:02:00.0"]),
    ("block:nvme0n1", ["0000:02:00.0"]), ("/dev/nvme0n1", ["0000:02:00.0"]), ("block:nvme0n1p2", ["0000:02:00.0"]),
    ("/dev/disk/by-id/the-disk", ["0000:02:00.0"]), ("block:nvme1n1", ["0000:03:00.0", "0000:04:00.0"]),
    ("/dev/mapper/volume", ["0000:02:00.0", "0000:03:00.0", "0000:04:00.0"]),
    ("01:00.0-1", ["0000:01:00.0", "0000:01:00.1"]), ("02:", ["0000:02:00.0"]),
    ("144d:", ["0000:02:00.0", "0000:03:00.0", "0000:04:00.0"]), (":1901", ["0000:00:01.0"]),
    ("::0604", ["0000:00:01.0"]), ("/dev/nvme0", ["0000:02:00.0"]), ("/sys/class/nvme/nvme0", ["0000:02:00.0"]),
    ("/dev/vfio/12", ["0000:01:00.0"]), ("01:00.1,net:enp2s0,01:00.1", ["0000:01:00.1", "0000:02:00.0"]),
  ])
  func everySelectorNamesItsFunctions(text: String, functions: [String]) throws {
    #expect(try resolve(text) == functions)
  }

  @Test(arguments: [
    ("01:00.2", "function 0000:01:00.2", "0000:01:00.1"), ("05:00", "device 0000:05:00", nil),
    ("01:01", "device 0000:01:01", "0000:01:00"), ("10:00.1", "function 0000:10:00.1", "0000:01:00.1"),
    ("0001:03:00.0", "function 0001:03:00.0", "0000:03:00.0"), ("05:00.0", "function 0000:05:00.0", nil),
    ("10ee:5001", "10ee:5001", "10ee:5000"), ("5000:10ee", "5000:10ee", "10ee:5000"), ("10ee:1234", "10ee:1234", nil),
    ("11ee:5000", "11ee:5000", nil), ("group:13000", "group 13000", nil), ("group:14", "group 14", "group:13"),
    ("05:", "function on bus 0000:05", nil), ("::09", "function with these ids", nil),
    ("net:enp2s1", "interface enp2s1", "enp2s0"), ("block:nvme0n2", "block device nvme0n2", "nvme0n1"),
    ("net:lo", "PCI function behind interface lo", nil),
    ("block:loop0", "PCI function behind block device loop0", nil),
  ])
  func whatIsNearIsSuggested(text: String, lookedFor: String, suggestion: String?) throws {
    let error = #expect(throws: NoSuchDevice.self) { try resolve(text) }
    #expect(error?.lookedFor == lookedFor)
    #expect(error?.path?.hasPrefix("/sys/") == true)
    #expect(error?.suggestion?.text == suggestion)
  }

  @Test func aGroupOfBridgesHasNoEndpoint() throws {
    let tree = try tree()
    try tree.remove("/sys/devices/pci0000:00/0000:02:00.0/iommu_group")
    let resolver = Resolver(host: try tree.scan(), sysfs: tree.sysfs)
    let error = #expect(throws: NoSuchDevice.self) { try resolver.functions(.group(1)) }
    #expect(error?.lookedFor == "endpoint in group 1")
    #expect(error?.suggestion?.text == "the bridge 0000:00:01.0")
  }

  @Test func namesOfAFileAreLookedUp() throws {
    let there = try ["0000:02:00.0", "0000:01:00.1"].map { try #require(Address($0)) }
    #expect(try resolve("xml:x", named: there) == ["0000:01:00.1", "0000:02:00.0"])
    #expect(try resolve("pin:x", named: there).count == 2)
    let gone = try #require(Address("0000:09:00.0"))
    #expect(throws: NoSuchDevice.self) { try resolve("xml:x", named: there + [gone]) }
  }

  @Test(.timeLimit(.minutes(45))) func loopsAmongBlockDevicesEnd() throws {
    let tree = try tree()
    for (one, other) in [("dm-1", "dm-2"), ("dm-2", "dm-1")] {
      try tree.folder("/sys/devices/virtual/block/\(one)/slaves/\(other)")
      try tree.link("/sys/class/block/\(one)", to: "../../devices/virtual/block/\(one)")
    }
    try tree.link("/dev/one", to: "two")
    try tree.link("/dev/two", to: "one")
    let resolver = Resolver(host: try tree.scan(), sysfs: tree.sysfs)
    #expect(throws: NoSuchDevice.self) { try resolver.functions(.block("dm-1")) }
    #expect(throws: NoSuchDevice.self) { try resolver.functions(.block("one")) }
  }
}
