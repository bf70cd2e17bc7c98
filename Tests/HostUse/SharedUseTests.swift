import Host
@testable import HostUse
import System
import Testing

@Suite("What a function shares with others goes on without it")
struct SharedUseTests {
  private func remainder(_ usage: Usage, _ kind: Use.Kind) -> Use.Remainder? {
    usage.uses.first { $0.kind == kind }?.remainder
  }

  /// A SCSI disk of the card, and one of another card, below a map of multipathd's that is mounted.
  private func multipath(other state: String = "running") throws -> CapturedHost {
    let host = try CapturedHost()
    try host.device("\(host.card)/host0/target0:0:0/0:0:0:0/block/sda", "block", number: "8:0", type: "disk")
    let elsewhere = "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/host1/target1:0:0/1:0:0:0"
    try host.device("\(elsewhere)/block/sdb", "block", number: "8:16", type: "disk")
    try host.file("\(elsewhere)/state", state + "\n")
    try host.link("\(elsewhere)/block/sdb/device", to: elsewhere)
    try host.stacked("dm-0", on: ["sda"], number: "253:0", mapped: "mpatha")
    let map = "/sys/devices/virtual/block/dm-0"
    try host.file("\(map)/dm/uuid", "mpath-3600508b400105e210000900000490000\n")
    for disk in ["sda", "sdb"] { try host.link("\(map)/slaves/\(disk)", to: "/sys/class/block/\(disk)") }
    try host.file("/proc/self/mountinfo", "1 0 253:0 / / rw - ext4 /dev/mapper/mpatha rw\n")
    return host
  }

  @Test("a path of device mapper's multipath") func path() throws {
    let usage = try multipath().evidence(classCode: 0x010400, driver: .known("lpfc"))
    for kind in [Use.Kind.mount, .holder] {
      #expect(remainder(usage, kind) == Use.Remainder(.path, of: "mpatha", by: ["sdb"], lost: "sda"))
    }
  }

  @Test("the last path is not shared: the other one is offline, or of the set too") func lastPath() throws {
    let offline = try multipath(other: "offline").evidence(classCode: 0x010400, driver: .known("lpfc"))
    #expect(offline.uses.contains { $0.kind == .mount } && offline.uses.allSatisfy { $0.remainder == nil })
    let host = try multipath()
    try host.remove("/sys/devices/virtual/block/dm-0/slaves/sdb")
    let alone = host.evidence(classCode: 0x010400, driver: .known("lpfc"))
    #expect(alone.uses.contains { $0.kind == .mount } && alone.uses.allSatisfy { $0.remainder == nil })
  }

  private func mirror(level: String = "raid1", degraded: String = "0", twin: String = "in_sync") throws -> CapturedHost
  {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.device("/sys/devices/pci0000:00/0000:03:00.0/nvme/nvme1/nvme1n1", "block", number: "259:8", type: "disk")
    try host.stacked("md0", on: ["nvme0n1p1", "nvme1n1"], number: "9:0")
    let array = "/sys/devices/virtual/block/md0"
    for (disk, state) in [("nvme0n1p1", "in_sync"), ("nvme1n1", twin)] {
      try host.link("\(array)/slaves/\(disk)", to: "/sys/class/block/\(disk)")
      try host.file("\(array)/md/dev-\(disk)/state", state + "\n")
    }
    try host.file("\(array)/md/level", level + "\n")
    try host.file("\(array)/md/degraded", degraded + "\n")
    try host.file("/proc/self/mountinfo", "1 0 9:0 / /srv rw - ext4 /dev/md0 rw\n")
    return host
  }

  @Test("a half of a mirror") func member() throws {
    let usage = try mirror().evidence()
    #expect(remainder(usage, .mount) == Use.Remainder(.member, of: "md0", by: ["nvme1n1"], lost: "nvme0n1p1"))
  }

  @Test("a stripe, a degraded mirror and one that is not in sync end with it") func soleMember() throws {
    for host in try [mirror(level: "raid0"), mirror(degraded: "1"), mirror(twin: "spare")] {
      #expect(remainder(host.evidence(), .mount) == nil)
    }
  }

  private func subsystem(other: String = "live", ana: String = "optimized") throws -> CapturedHost {
    let host = try CapturedHost()
    try host.device("\(host.card)/nvme/nvme0", "nvme", number: "240:0")
    try host.device("\(host.card)/nvme/nvme0/nvme0c0n1", "block")
    let second = "/sys/devices/pci0000:00/0000:03:00.0/nvme/nvme1"
    try host.device(second, "nvme", number: "240:1")
    try host.file("\(second)/state", other + "\n")
    try host.device("\(second)/nvme0c1n1", "block")
    try host.file("\(second)/nvme0c1n1/ana_state", ana + "\n")
    let folder = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0"
    try host.device("\(folder)/nvme0n1", "block", number: "259:0", type: "disk")
    try host.link("/sys/class/nvme-subsystem/nvme-subsys0", to: folder)
    try host.link("\(folder)/nvme0", to: "\(host.card)/nvme/nvme0")
    try host.link("\(folder)/nvme1", to: second)
    try host.file("/proc/self/mountinfo", "1 0 259:0 / /srv rw - ext4 /dev/nvme0n1 rw\n")
    return host
  }

  @Test("a namespace on two controllers") func namespace() throws {
    let usage = try subsystem().evidence()
    let kept = try #require(remainder(usage, .mount), "\(usage)")
    #expect(kept.kind == .path && kept.by == ["nvme1"] && kept.lost == "nvme0")
    for host in try [subsystem(other: "connecting"), subsystem(ana: "inaccessible")] {
      #expect(remainder(host.evidence(), .mount) == nil)
    }
  }

  private func bond(team: Bool = false, other: String = "up") throws -> CapturedHost {
    let host = try CapturedHost()
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.device("/sys/devices/pci0000:00/0000:03:00.0/net/enp3s0", "net")
    try host.file("/sys/class/net/enp3s0/operstate", other + "\n")
    let upper = "/sys/devices/virtual/net/bond0"
    try host.device(upper, "net", type: team ? "team" : nil)
    if !team {
      try host.file("\(upper)/bonding/slaves", "enp2s0 enp3s0\n")
      try host.file("/sys/class/net/enp3s0/bonding_slave/mii_status", other + "\n")
    }
    for port in ["enp2s0", "enp3s0"] {
      try host.link("\(upper)/lower_\(port)", to: "/sys/class/net/\(port)")
      try host.link("/sys/class/net/\(port)/master", to: upper)
    }
    try host.file(
      "/proc/net/route",
      "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\nbond0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n"
    )
    return host
  }

  @Test("a port of a bond, and of a team", arguments: [false, true]) func port(team: Bool) throws {
    let usage = try bond(team: team).evidence(classCode: 0x020000, driver: .known("igb"))
    for kind in [Use.Kind.master, .defaultRoute] {
      #expect(remainder(usage, kind) == Use.Remainder(.port, of: "bond0", by: ["enp3s0"], lost: "enp2s0"), "\(usage)")
    }
    let last = try bond(team: team, other: "down").evidence(classCode: 0x020000, driver: .known("igb"))
    #expect(last.uses.contains { $0.kind == .defaultRoute } && last.uses.allSatisfy { $0.remainder == nil })
  }
}
