import Host
import Testing

@Suite("Who holds a function's device nodes")
struct HandleTests {
  private func process(_ host: CapturedHost, _ pid: Int, _ name: String, holds nodes: [String]) throws {
    try host.file("/proc/\(pid)/comm", name + "\n")
    for (number, node) in nodes.enumerated() { try host.link("/proc/\(pid)/fd/\(number)", node) }
  }

  @Test("a driver that nobody heard of is covered by its node")
  func unknownDriver() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/xclmgmt/xclmgmt512", "xclmgmt", number: "239:512")
    try process(host, 812, "xbutil", holds: ["/dev/null", "socket:[77]", "/dev/xclmgmt512", "/dev/xclmgmt512"])
    try host.file("/proc/812/cgroup", "0::/system.slice/docker-4f.scope\n")
    let found = host.evidence(classCode: 0x120000, driver: .known("xclmgmt"))
    #expect(
      found.lines == [
        "open pid 812 xbutil, in docker-4f.scope, /dev/xclmgmt512: 0000:02:00.0 > xclmgmt512"
      ])
    #expect(found.descriptorsSeen == 4 && found.processesUnseen == 0)
  }

  @Test("a guest is named by QEMU's own argument, by group node and by device node", arguments: ["/dev/vfio/14"])
  func guest(_ node: String) throws {
    let host = try CapturedHost()
    try process(host, 900, "qemu-system-x86", holds: [node, "/dev/vfio/vfio", "/dev/vfio/13"])
    try host.file("/proc/900/cmdline", "/usr/bin/qemu-system-x86_64\0-name\0guest=win10,debug-threads=on\0")
    let found = host.evidence(classCode: 0x120000, driver: .known("vfio-pci"))
    #expect(
      found.lines == ["vfio-open pid 900 qemu-system-x86, guest win10: 0000:02:00.0 > \(node)"])
  }

  @Test("a logical volume that a process has open holds the disk below it")
  func openVolume() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.stacked("dm-3", on: ["nvme0n1"], number: "254:3", mapped: "vg-guest")
    try process(host, 5, "qemu", holds: ["/dev/dm-3"])
    #expect(
      host.evidence().lines.contains("open pid 5 qemu, /dev/dm-3: 0000:02:00.0 > nvme0 > nvme0n1 > dm-3 (vg-guest)"))
  }

  @Test("a host whose processes are not shown leaves holders unknown; a capture has none")
  func unknownHolders() throws {
    let host = try CapturedHost()
    #expect(host.evidence(classCode: 0x120000, driver: .absent, isRehearsal: false).unknown.map(\.area) == [.holders])
    #expect(host.evidence(classCode: 0x120000, driver: .absent).unknown.isEmpty)
  }

  @Test("a mount that only another namespace sees names the process")
  func otherNamespace() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try process(host, 77, "postgres", holds: [])
    try host.link("/proc/self/ns/mnt", "mnt:[1]")
    try host.link("/proc/77/ns/mnt", "mnt:[2]")
    try host.file("/proc/77/mountinfo", "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(
      host.evidence().lines == [
        "mount /dev/nvme0n1p1 /, seen by pid 77 (postgres): 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1"
      ])
  }
}
