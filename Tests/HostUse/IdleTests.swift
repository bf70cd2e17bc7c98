import Assessment
import Host
import PCI
import Testing

@Suite("What nobody uses is a warning that names it, and what is used beside it an error")
struct IdleTests {
  private func severity(_ code: String, _ usage: Usage) -> [Finding.Severity] {
    FindingTests.findings(code, usage).map(\.severity)
  }

  @Test("a disk, its partitions and their signatures")
  func storage() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file("/run/udev/data/b259:1", "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_UUID=aa\n")
    let finding = try #require(FindingTests.findings("root-storage", host.evidence()).first)
    #expect(finding.severity == .warning && finding.isForceable)
    #expect(
      finding.message
        == "Nobody on the host uses /dev/nvme0n1p1 (LVM2_member), /dev/nvme0n1p2 on 0000:02:00.0 now; what a guest writes there is lost to the host."
    )
    #expect(finding.evidence.contains("0000:02:00.0 → nvme0 → nvme0n1 → nvme0n1p1: signature LVM2_member"))
    try host.file("/etc/fstab", "/dev/nvme0n1p2 /x ext4 noauto 0 0\n")
    #expect(severity("root-storage", host.evidence()) == [.error])
    try host.file("/etc/fstab", "UUID=aa /x ext4 noauto 0 0\n")
    #expect(severity("root-storage", host.evidence()) == [.error])
  }

  @Test("a disk without partitions, also while a process has it open: that is said by another code")
  func bareDisk() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    #expect(severity("root-storage", host.evidence()) == [.warning])
    try host.link("/proc/7/fd/3", "/dev/nvme0n1")
    #expect(severity("root-storage", host.evidence()) == [.warning])
    #expect(severity("held-open", host.evidence()) == [.error])
  }

  @Test("an interface that is down without address, route, master and carrier")
  func network() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.file("\(host.card)/net/enp2s0/operstate", "down\n")
    try host.file("\(host.card)/net/enp2s0/flags", "0x1002\n")
    func found() -> Usage { host.evidence(classCode: 0x020000, driver: .known("e1000e")) }
    #expect(severity("host-network", found()) == [.warning])
    try host.link("\(host.card)/net/enp2s0/master", "/sys/devices/virtual/net/br0")
    #expect(severity("host-network", found()) == [.error])
  }

  @Test("a card without a screen; with one, with a console or held open it is an error")
  func display() throws {
    let host = try CapturedHost()
    var other = Function(address: try #require(Address("0000:00:02.0")))
    other.classCode = .known(ClassCode(0x030000))
    try host.device("\(host.card)/drm/card0", "drm", number: "226:0")
    try host.device("\(host.card)/drm/card0/card0-DP-1", "drm")
    let status = "\(host.card)/drm/card0/card0-DP-1/status"
    try host.file(status, "disconnected\n")
    func found() -> Usage { host.evidence(classCode: 0x030000, driver: .known("amdgpu"), others: [other]) }
    #expect(severity("host-display", found()) == [.warning])
    try host.file(status, "connected\n")
    #expect(severity("host-display", found()) == [.error])
    try host.file(status, "disconnected\n")
    try host.link("/proc/7/fd/3", "/dev/card0")
    #expect(severity("host-display", found()) == [.error])
  }

  @Test("a watchdog that nobody started")
  func watchdog() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/watchdog/watchdog0", "watchdog", number: "250:0")
    try host.file("\(host.card)/watchdog/watchdog0/state", "inactive\n")
    func found() -> Usage { host.evidence(classCode: 0x088000, driver: .known("any")) }
    #expect(severity("host-console", found()) == [.warning])
    try host.file("\(host.card)/watchdog/watchdog0/state", "active\n")
    #expect(severity("host-console", found()) == [.error])
  }
}
