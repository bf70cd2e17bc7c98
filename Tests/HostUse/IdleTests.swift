import Checks
import Host
import PCI
import Testing

@Suite("An unused device is not an error; data on it is a warning that names the data; a device in use is an error")
struct IdleTests {
  private func severity(_ code: FindingCode, _ usage: Usage) -> [Finding.Severity] {
    FindingTests.findings(code, usage).map(\.severity)
  }

  @Test("a disk with partitions and their signatures")
  func storage() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 2)
    try host.file("/run/udev/data/b259:0", "E:ID_PART_TABLE_TYPE=gpt\n")
    try host.file("/run/udev/data/b259:1", "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_UUID=aa\n")
    try host.file("/run/udev/data/b259:2", "I:1\n")
    let finding = try #require(FindingTests.findings(.hasData, host.evidence()).first)
    #expect(finding.severity == .warning)
    #expect(
      finding.message
        == "0000:02:00.0 has data on /dev/nvme0n1 (gpt partition table), /dev/nvme0n1p1 (LVM2_member), /dev/nvme0n1p2. The host does not use it now; a guest can overwrite it."
    )
    #expect(finding.evidence.contains("0000:02:00.0 → nvme0 → nvme0n1 → nvme0n1p1: signature LVM2_member"))
    #expect(finding.remedy == "lsblk -o NAME,FSTYPE,LABEL,UUID,MOUNTPOINTS /dev/nvme0n1 /dev/nvme0n1p1 /dev/nvme0n1p2")
    #expect(severity(.rootStorage, host.evidence()).isEmpty)
    #expect(severity(.unknownData, host.evidence()).isEmpty)
    try host.file("/etc/fstab", "/dev/nvme0n1p2 /x ext4 noauto 0 0\n")
    #expect(severity(.rootStorage, host.evidence()) == [.error])
    try host.file("/etc/fstab", "UUID=aa /x ext4 noauto 0 0\n")
    #expect(severity(.rootStorage, host.evidence()) == [.error])
  }

  @Test("an empty disk is not a finding, even while a process has it open: another code reports the process")
  func bareDisk() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.file("/run/udev/data/b259:0", "I:1\n")
    for code: FindingCode in [.rootStorage, .hasData, .unknownData, .unknownStorage, .heldOpen] {
      #expect(severity(code, host.evidence()).isEmpty, "\(code)")
    }
    try host.link("/proc/7/fd/3", to: "/dev/nvme0n1")
    #expect(severity(.rootStorage, host.evidence()).isEmpty)
    #expect(severity(.heldOpen, host.evidence()) == [.error])
  }

  @Test("a disk that udev has no record of is a warning; the links that udev made, or a use, say enough")
  func noRecord() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    let finding = try #require(FindingTests.findings(.unknownData, host.evidence()).first)
    #expect(finding.severity == .warning)
    #expect(
      finding.evidence == [
        "0000:02:00.0: udev has no record of what is on /dev/nvme0n1p1: /run/udev/data/b259:1 is not there"
      ])
    try host.link("/dev/disk/by-uuid/aa", to: "../../nvme0n1p1")
    #expect(severity(.unknownData, host.evidence()).isEmpty)
    #expect(host.evidence().idle.contains("signature /dev/nvme0n1p1"))
    try host.file("/proc/self/mountinfo", "22 1 259:1 / /srv rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(severity(.unknownData, host.evidence()).isEmpty)
    #expect(severity(.rootStorage, host.evidence()) == [.error])
  }

  @Test("an interface that is down without address, route, master and carrier")
  func network() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.file("\(host.card)/net/enp2s0/operstate", "down\n")
    try host.file("\(host.card)/net/enp2s0/flags", "0x1002\n")
    func found() -> Usage { host.evidence(classCode: 0x020000, driver: .known("e1000e")) }
    #expect(severity(.hostNetwork, found()).isEmpty)
    try host.file("\(host.card)/net/enp2s0/flags", "0x1003\n")
    #expect(severity(.hostNetwork, found()) == [.warning])
    try host.link("\(host.card)/net/enp2s0/master", to: "/sys/devices/virtual/net/br0")
    #expect(severity(.hostNetwork, found()) == [.error])
  }

  @Test("a card that no program draws on, with or without a screen; with a console or held open it is an error")
  func display() throws {
    let host = try CapturedHost()
    var other = Function(address: try #require(Address("0000:00:02.0")))
    other.classCode = .known(ClassCode(0x030000))
    try host.device("\(host.card)/drm/card0", "drm", number: "226:0")
    try host.device("\(host.card)/drm/card0/card0-DP-1", "drm")
    let status = "\(host.card)/drm/card0/card0-DP-1/status"
    try host.file(status, "disconnected\n")
    func found() -> Usage { host.evidence(classCode: 0x030000, driver: .known("amdgpu"), others: [other]) }
    #expect(severity(.hostDisplay, found()).isEmpty)
    try host.file(status, "connected\n")
    #expect(severity(.hostDisplay, found()) == [.info])
    try host.device("\(host.card)/graphics/fb1", "graphics", number: "29:1")
    try host.file("/sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n")
    try host.file("/sys/class/vtconsole/vtcon1/bind", "1\n")
    #expect(severity(.hostDisplay, found()) == [.error])
    try host.link("/sys/class/graphics/fb0", to: "../../devices/pci0000:00/0000:00:02.0/graphics/fb0")
    #expect(severity(.hostDisplay, found()) == [.info])
    try host.file(status, "disconnected\n")
    try host.link("/proc/7/fd/3", to: "/dev/card0")
    #expect(severity(.hostDisplay, found()) == [.error])
  }

  @Test("a watchdog that is not started")
  func watchdog() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/watchdog/watchdog0", "watchdog", number: "250:0")
    try host.file("\(host.card)/watchdog/watchdog0/state", "inactive\n")
    func found() -> Usage { host.evidence(classCode: 0x088000, driver: .known("any")) }
    #expect(severity(.hostConsole, found()) == [.warning])
    try host.file("\(host.card)/watchdog/watchdog0/state", "active\n")
    #expect(severity(.hostConsole, found()) == [.error])
  }
}
