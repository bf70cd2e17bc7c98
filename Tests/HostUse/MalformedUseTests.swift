import Host
import PCI
import Testing

@Suite("Captures with files missing or malformed")
struct MalformedUseTests {
  static let files = [
    "/proc/self/mountinfo", "/proc/swaps", "/proc/net/route", "/proc/net/ipv6_route", "/proc/net/fib_trie",
    "/proc/net/if_inet6", "/proc/iomem", "/proc/cmdline", "/etc/fstab", "/etc/crypttab", "/run/udev/data/b259:0",
    "/sys/class/block/loop0/loop/backing_file", "/sys/class/nvme/nvme7/address", "/proc/7/stat", "/proc/7/cmdline",
    "/proc/7/cgroup", "/sys/class/vfio/14/dev",
  ]

  static let texts = [
    "", "\n\n", " ", "a", "a b c d e f g h i j k", "1 2 0:3 / / rw - ", "\\04", "-", "=", "S:\nE:=\nE:", ":::",
    "\u{0}\u{0}", "|--\n/32 host LOCAL", "ffffffffffffffffffffffffffffffff 80 0 0 0 0 0 0 1 eth0",
    "  : 0000:02:00.0\n: BOOTFB",
  ]

  @Test("no text makes it stop, and the disk is found all the same", arguments: files)
  func garbage(_ path: String) throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.device("\(host.card)/net/eth0", "net")
    try host.link("/proc/7/fd/3", to: "/dev/nvme0n1")
    for text in Self.texts {
      try host.file(path, text)
      #expect(host.evidence(classCode: 0x020000).uses.contains { $0.chain.contains("nvme0n1") }, "\(text)")
    }
  }

  @Test("links that loop or lead nowhere")
  func links() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.link("\(host.card)/loop", to: "loop")
    try host.link("\(host.card)/nvme/nvme0/nvme0n1/holders", to: "holders")
    try host.stacked("dm-0", on: ["nvme0n1p1"], number: "254:0")
    try host.link("/sys/class/block/dm-0/holders/dm-0", to: "/sys/class/block/dm-0")
    try host.link("/sys/class/block/dm-0/holders/dm-1", to: "/nowhere")
    let found = host.evidence()
    #expect(found.lines.contains { $0.hasSuffix("nvme0n1p1 > dm-0 > dm-1") })
    #expect(Set(found.unknown.map(\.area)) == [.storage, .data])
  }

  @Test("files that are folders")
  func folders() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    for path in ["/proc/swaps", "/etc/fstab", "/run/udev/data/b259:0", "/proc/iomem"] { try host.folder(path) }
    #expect(host.evidence().lines == ["block /dev/nvme0n1 disk: 0000:02:00.0 > nvme0 > nvme0n1"])
  }

  @Test(
    "a bare capture doubts what matters to the kind of function, and no more",
    arguments: [
      (0x120000, []), (0x010802, [.storage]), (0x020000, [.network]), (0x030000, [.display]), (0x0c0330, [.input]),
    ] as [(UInt32, [UnknownUse.Area])])
  func bare(_ classCode: UInt32, _ areas: [UnknownUse.Area]) throws {
    let host = try CapturedHost()
    #expect(host.evidence(classCode: classCode, driver: .known("any")).unknown.map(\.area) == areas)
    #expect(host.evidence(classCode: classCode, driver: .known("vfio-pci")).unknown.isEmpty)
  }
}
