import Host
import PCI
import Testing

@testable import Checks

@Suite("What is shared with other functions is not lost")
struct SharedRuleTests {
  private func findings(_ uses: [Use]) -> [Finding] {
    let situation = Situation(
      host: Small.card(), set: [Small.first], intent: .assign(driver: "vfio-pci"), usage: Usage(uses: uses),
      surroundings: Surroundings(), isRehearsal: false)
    return (HostStorage().findings(in: situation) + HostNetwork().findings(in: situation))
  }

  private func mount(_ remainder: Use.Remainder?) -> Use {
    Use(
      .mount(device: "/dev/mapper/mpatha", on: Use.MountPoint("/")), of: Small.first, chain: ["x"], isVital: true,
      remainder: remainder)
  }

  @Test("a path: the mount stays, and the guest reaches the disk") func path() throws {
    let found = findings([mount(Use.Remainder(.path, of: "mpatha", by: ["sdb"], lost: "sda"))])
    let finding = try #require(found.first)
    #expect(found.count == 1 && finding.code == .rootStorage && finding.severity == .error && finding.isForceable)
    #expect(finding.message.contains("keeps it by sdb") && finding.message.contains("mount /"))
    #expect(finding.remedy.contains("multipathd del path sda") && !finding.remedy.contains("umount"))
    // The last one.
    let last = try #require(findings([mount(nil)]).first)
    #expect(!last.isForceable && last.message.contains("disappears"))
  }

  @Test("a half of a mirror: it is taken out of the array, which is not stopped") func member() throws {
    let finding = try #require(
      findings([mount(Use.Remainder(.member, of: "md0", by: ["sdb1"], lost: "sda1"))]).first)
    #expect(finding.isForceable && finding.message.contains("degraded"))
    #expect(finding.remedy.hasPrefix("mdadm /dev/md0 --fail /dev/sda1 --remove /dev/sda1"))
  }

  @Test("a port of a bond: addresses and routes stay") func port() throws {
    let kept = Use.Remainder(.port, of: "bond0", by: ["enp3s0"], lost: "enp2s0")
    func use(_ what: Use.What, _ remainder: Use.Remainder?) -> Use {
      Use(what, of: Small.first, chain: ["x"], remainder: remainder)
    }
    let uses = [
      use(.master(interface: "enp2s0", master: "bond0"), kept),
      use(.networkAddress(interface: "bond0", address: "192.0.2.1"), kept),
      use(.defaultRoute(interface: "bond0", route: "default"), kept), use(.ssh(interface: "bond0", client: "x"), kept),
    ]
    let finding = try #require(findings(uses).first)
    #expect(finding.code == .hostNetwork && finding.severity == .error && finding.isForceable)
    #expect(finding.message.contains("keeps bond0") && !finding.message.contains("SSH"))
    #expect(finding.remedy.hasPrefix("ip link set dev enp2s0 nomaster") && !finding.remedy.contains("flush"))
    // It has an address of its own besides, or nothing stays.
    for other in [
      uses + [use(.networkAddress(interface: "enp2s0", address: "192.0.2.2"), nil)], uses.map { use($0.what, nil) },
    ] {
      #expect(findings(other).first?.message.contains("keeps bond0") == false)
    }
  }

  @Test("virtual functions that go as their PF is given back: who has them stops it")
  func disappearing() {
    let virtual = Small.address("0000:01:10.0")
    var host = Small.card()
    var one = Function(address: virtual)
    one.physicalFunction = .known(Small.first)
    host = Host(
      functions: host.functions + [one], groups: host.groups, groupsReadable: true, rootBuses: host.rootBuses)
    func codes(_ uses: [Use], losing: Set<Address> = [virtual]) -> [FindingCode] {
      let situation = Situation(
        host: host, set: [Small.first], intent: .release(all: false, losing: losing), usage: Usage(uses: uses),
        surroundings: Surroundings(), isRehearsal: false)
      let rules: [any SetRule] = [PFsAndVFs(), GuestRunning(), HostNetwork()]
      return rules.flatMap { $0.findings(in: situation) }.map(\.code)
    }
    let guest = Use(
      .vfioOpen(Use.Process(7, command: "qemu-system-x86"), mediated: nil), of: virtual, chain: [])
    let route = Use(.defaultRoute(interface: "eth1", route: "default"), of: virtual, chain: ["eth1"])
    #expect(codes([]) == [.hasVFs])
    #expect(codes([guest]) == [.hasVFs, .guestRunning])
    #expect(codes([route]) == [.hasVFs, .hostNetwork])
    // Control: they stay where the PF does.
    #expect(codes([guest, route], losing: []) == [])
  }
}
