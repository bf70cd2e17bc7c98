import Checks
import Host
import PCI
import Testing

@testable import HostUse

@Suite("What the host is told to use counts, up or not, with the file and the line that say so")
struct ConfiguredTests {
  /// `enp2s0`, down, with this address.
  private func card(_ host: CapturedHost, mac: String = "52:54:00:12:34:56") throws {
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.file("\(host.card)/net/enp2s0/operstate", "down\n")
    try host.file("\(host.card)/net/enp2s0/flags", "0x1002\n")
    try host.file("\(host.card)/net/enp2s0/address", mac + "\n")
    try host.file("\(host.card)/net/enp2s0/type", "1\n")
    try host.file("\(host.card)/net/enp2s0/ifindex", "3\n")
  }

  private func usage(_ host: CapturedHost, driver: Fact<String> = .known("e1000e")) -> Usage {
    host.evidence(classCode: 0x020000, driver: driver)
  }

  private func severity(_ usage: Usage) -> [Finding.Severity] {
    FindingTests.findings(.hostNetwork, usage).map(\.severity)
  }

  /// A file, and what comes of it: nil for nothing, else the line of evidence, idle ones after `idle `.
  struct Given: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let path: String
    let text: String
    let said: [String]

    init(_ name: String, _ path: String, _ text: String, _ said: String...) {
      testDescription = name
      self.path = path
      self.text = text
      self.said = said
    }
  }

  private static let interfaces = "/etc/network/interfaces"
  private static let plan = "/etc/netplan/50-host.yaml"
  private static let connection = "/etc/NetworkManager/system-connections/lan.nmconnection"
  private static let network = "/etc/systemd/network/10-lan.network"

  static let cases: [Given] = [
    Given(
      "auto", interfaces, "# note\nauto lo enp2s0\niface lo inet loopback\niface enp2s0 inet dhcp\n",
      "enp2s0: inet dhcp, \(interfaces):4"),
    Given("not auto", interfaces, "iface enp2s0 inet dhcp\n", "idle enp2s0: inet dhcp, \(interfaces):1"),
    Given("another one's", interfaces, "auto enp3s0\niface enp3s0 inet dhcp\n"),
    Given("manual alone", interfaces, "auto enp2s0\niface enp2s0 inet manual\n"),
    Given(
      "bridge", interfaces,
      "iface enp2s0 inet manual\nauto vmbr0\niface vmbr0 inet static\n  address 192.0.2.5/24\n  bridge_ports enp2s0\n",
      "enp2s0 > vmbr0: port of vmbr0, \(interfaces):5"),
    Given(
      "any port", interfaces, "auto br0\niface br0 inet dhcp\n\tbridge-ports all\n",
      "idle enp2s0 > br0: port of br0, \(interfaces):3"),
    Given(
      "bond", interfaces, "auto bond0\niface bond0 inet manual\n bond-slaves enp1s0 \\\n   enp2s0\n bond-mode 1\n",
      "enp2s0 > bond0: port of bond0, \(interfaces):3"),
    Given(
      "bond master", interfaces, "auto enp2s0\niface enp2s0 inet manual\n bond-master bond0\n",
      "enp2s0 > bond0: port of bond0, \(interfaces):3"),
    Given(
      "VLAN", interfaces, "auto enp2s0.7\niface enp2s0.7 inet dhcp\n",
      "enp2s0 > enp2s0.7: inet dhcp, \(interfaces):2"),
    Given(
      "hot-plug class", interfaces, "allow-hotplug /enp[[:digit:]]*\niface enp2s0 inet6 auto\n",
      "enp2s0: inet6 auto, \(interfaces):2"),
    Given(
      "hot-plug other class", interfaces, "allow-hotplug /enp[[:alpha:]]*\niface enp2s0 inet6 auto\n",
      "idle enp2s0: inet6 auto, \(interfaces):2"),
    Given(
      "hot-plug pattern", interfaces, "allow-hotplug /enp*\niface enp2s0 inet6 auto\n",
      "enp2s0: inet6 auto, \(interfaces):2"),
    Given(
      "netplan name", plan, "network:\n  version: 2\n  ethernets:\n    enp2s0:\n      dhcp4: true\n",
      "enp2s0: dhcp4, \(plan):4"),
    Given(
      "netplan address", plan,
      "network:\n  ethernets:\n    lan: {match: {macaddress: \"52:54:00:12:34:56\"}, set-name: lan0, addresses: [192.0.2.2/24]}\n",
      "enp2s0: addresses 192.0.2.2/24, \(plan):3"),
    Given(
      "netplan pattern", plan,
      "network:\n  ethernets:\n    all:\n      match:\n        name: \"en*\"\n      dhcp4: yes # any\n",
      "idle enp2s0: dhcp4, \(plan):3"),
    Given("netplan other name", plan, "network:\n  ethernets:\n    enp3s0:\n      dhcp4: true\n"),
    Given("netplan nothing to do", plan, "network:\n  ethernets:\n    enp2s0:\n      dhcp4: false\n"),
    Given(
      "netplan bond", plan,
      "network:\n  ethernets:\n    p1:\n      match: {macaddress: 52:54:00:12:34:56}\n  bonds:\n    bond0:\n      interfaces:\n      - p1\n      - p2\n      dhcp4: true\n",
      "enp2s0 > bond0: port of bond0, \(plan):7"),
    Given(
      "netplan VLAN", plan, "network:\n  vlans:\n    v7:\n      id: 7\n      link: enp2s0\n      dhcp4: true\n",
      "enp2s0 > v7: carries the VLAN v7, \(plan):5"),
    Given(
      "netplan class", plan,
      "network:\n  ethernets:\n    all: {match: {name: \"enp[[:digit:]]s*\"}, dhcp4: true}\n",
      "idle enp2s0: dhcp4, \(plan):3"),
    Given(
      "netplan other class", plan,
      "network:\n  ethernets:\n    all: {match: {name: \"enp[[:alpha:]]s*\"}, dhcp4: true}\n"),
    Given(
      "netplan quoted escape", plan, "network:\n  ethernets:\n    \"enp2s\\x30\":\n      dhcp4: true\n",
      "enp2s0: dhcp4, \(plan):3"),
    Given(
      "netplan other quoted escape", plan, "network:\n  ethernets:\n    \"enp2s\\x31\":\n      dhcp4: true\n"),
    Given(
      "netplan anchor", plan,
      "network:\n  ethernets:\n    enp3s0: &lan\n      dhcp4: true\n    enp2s0: *lan\n", "enp2s0: dhcp4, \(plan):5"),
    Given(
      "netplan anchor alone", plan, "network:\n  ethernets:\n    enp3s0: &lan\n      dhcp4: true\n    enp2s0: {}\n"),
    Given(
      "netplan block", plan,
      "network:\n  ethernets:\n    enp2s0:\n      match:\n        name: >-\n          en*s0\n      dhcp4: |\n        true\n      dhcp6: true\n",
      "idle enp2s0: dhcp6, \(plan):3"),
    Given(
      "netplan other block", plan,
      "network:\n  ethernets:\n    enp2s0:\n      match:\n        name: >-\n          en*s1\n      dhcp6: true\n"),
    Given(
      "netplan merge key", plan,
      "network:\n  ethernets:\n    enp3s0: &lan {dhcp4: true}\n    enp2s0:\n      <<: *lan\n      dhcp6: true\n",
      "enp2s0: dhcp4, dhcp6, \(plan):4"),
    Given(
      "netplan merge key amended", plan,
      "network:\n  ethernets:\n    enp3s0: &lan {dhcp4: true}\n    enp2s0:\n      <<: *lan\n      dhcp4: false\n"),
    Given(
      "NetworkManager name", connection,
      "[connection]\nid=lan\ntype=ethernet\ninterface-name=enp2s0\n\n[ipv4]\nmethod=auto\n",
      "enp2s0: connection lan, \(connection):4"),
    Given(
      "NetworkManager address", connection,
      "[connection]\nid=lan\ntype=802-3-ethernet\n[802-3-ethernet]\nmac-address=52:54:00:12:34:56\n",
      "enp2s0: connection lan, \(connection):5"),
    Given(
      "NetworkManager class", connection,
      "[connection]\nid=lan\ntype=ethernet\n[match]\ninterface-name=enp[[:digit:]]s0;\n",
      "idle enp2s0: connection lan, \(connection):5"),
    Given(
      "NetworkManager other class", connection,
      "[connection]\nid=lan\ntype=ethernet\n[match]\ninterface-name=enp[[:alpha:]]s0;\n"),
    Given(
      "NetworkManager on demand", connection,
      "[connection]\nid=lan\ntype=ethernet\ninterface-name=enp2s0\nautoconnect=false\n",
      "idle enp2s0: connection lan, \(connection):4"),
    Given(
      "NetworkManager any", connection, "[connection]\nid=lan\ntype=ethernet\n",
      "idle enp2s0: connection lan, \(connection):3"),
    Given(
      "NetworkManager wireless", connection, "[connection]\nid=wlan\ntype=wifi\n"),
    Given(
      "NetworkManager port", connection,
      "[connection]\nid=p\ntype=ethernet\ninterface-name=enp2s0\nmaster=bond0\nslave-type=bond\n",
      "enp2s0 > bond0: port of bond0, connection p, \(connection):4"),
    Given(
      "NetworkManager VLAN", connection,
      "[connection]\nid=v\ntype=vlan\ninterface-name=enp2s0.9\n[vlan]\nid=9\nparent=enp2s0\n",
      "enp2s0 > enp2s0.9: carries enp2s0.9, connection v, \(connection):7"),
    Given(
      "networkd name", network, "[Match]\nName=enp2s0\n[Network]\nDHCP=yes\n", "enp2s0: DHCP=yes, \(network):2"),
    Given(
      "networkd address", network, "[Match]\nMACAddress=52:54:00:12:34:56\n[Network]\nBridge=br0\n",
      "enp2s0 > br0: Bridge=br0, \(network):2"),
    Given("networkd other address", network, "[Match]\nMACAddress=52:54:00:12:34:57\n[Network]\nDHCP=yes\n"),
    Given(
      "networkd pattern", network, "[Match]\nName=en*\n[Network]\nDHCP=yes\n", "idle enp2s0: DHCP=yes, \(network):2"),
    Given(
      "networkd class", network, "[Match]\nName=enp[[:digit:]]s0\n[Network]\nDHCP=yes\n",
      "idle enp2s0: DHCP=yes, \(network):2"),
    Given("networkd other class", network, "[Match]\nName=enp[[:alpha:]]s0\n[Network]\nDHCP=yes\n"),
    Given(
      "networkd escape", network, "[Match]\nName=en\\p2s0\n[Network]\nDHCP=yes\n", "enp2s0: DHCP=yes, \(network):2"),
    Given("networkd escaped star", network, "[Match]\nName=en\\*\n[Network]\nDHCP=yes\n"),
    Given("networkd not that", network, "[Match]\nName=!enp2s0\n[Network]\nDHCP=yes\n"),
    Given("networkd virtual", network, "[Match]\nKind=bridge\n[Network]\nDHCP=yes\n"),
    Given("networkd driver", network, "[Match]\nDriver=igb\n[Network]\nDHCP=yes\n"),
    Given(
      "networkd unmanaged", network, "[Match]\nName=enp2s0\n[Link]\nUnmanaged=yes\n[Network]\nDHCP=yes\n",
      "idle enp2s0: DHCP=yes, \(network):2"),
    Given(
      "a distribution's default", "/usr/lib/systemd/network/89-ethernet.network",
      "[Match]\nType=ether\nKind=!*\n[Network]\nDHCP=yes\n"),
  ]

  @Test("interfaces, by each kind of file", arguments: cases)
  func interface(_ given: Given) throws {
    let host = try CapturedHost()
    try card(host)
    try host.file(given.path, given.text)
    let found = usage(host).uses.filter { $0.kind == .configuredInterface }
    #expect(
      found.map {
        "\($0.isIdle ? "idle " : "")\($0.chain.dropFirst().joined(separator: " > ")): \($0.detail), \($0.place ?? "?")"
      }
        == given.said)
    #expect(usage(host).unknown.isEmpty)
    let isError = given.said.contains { !$0.hasPrefix("idle ") }
    #expect(severity(usage(host)) == (given.said.isEmpty ? [] : [isError ? .error : .warning]))
  }

  @Test("netplan's files are one: what a later one says of an id is added to what the earlier ones do")
  func netplanFilesAmendEachOther() throws {
    let host = try CapturedHost()
    try card(host)
    func said() -> [String] {
      usage(host).uses.filter { $0.kind == .configuredInterface }.map { "\($0.detail), \($0.place ?? "?")" }
    }
    let cloud = "/etc/netplan/50-cloud-init.yaml"
    let local = "/etc/netplan/90-local.yaml"
    try host.file(cloud, "network:\n  ethernets:\n    id0: {match: {macaddress: \"52:54:00:12:34:56\"}}\n")
    #expect(said() == [])
    try host.file(local, "network:\n  version: 2\n  ethernets:\n    id0: {dhcp4: true}\n")
    #expect(said() == ["dhcp4, \(local):4"])
    #expect(severity(usage(host)) == [.error])
    // The other way round: the first file says what to do, the later one for which card.
    try host.file(cloud, "network:\n  ethernets:\n    id0:\n      addresses: [192.0.2.2/24]\n      dhcp4: true\n")
    try host.file(
      local,
      "network:\n  ethernets:\n    id0: {match: {name: enp2s0}, dhcp4: false, addresses: [192.0.2.3/24]}\n    other:\n")
    #expect(said() == ["addresses 192.0.2.2/24 192.0.2.3/24, \(local):3"])
    // Ports of a bond, from both.
    try host.file(cloud, "network:\n  bonds:\n    bond0:\n      interfaces: [enp2s0]\n")
    try host.file(local, "network:\n  bonds:\n    bond0:\n      interfaces: [enp3s0]\n")
    #expect(said() == ["port of bond0, \(cloud):4"])
    // One that says nothing of it takes nothing away, and another id's are its own.
    try host.file(cloud, "network:\n  ethernets:\n    enp2s0: {dhcp4: true}\n")
    try host.file(local, "network:\n  ethernets:\n    enp2s0:\n    id0: {match: {name: enp3s0}, dhcp6: true}\n")
    #expect(said() == ["dhcp4, \(cloud):3"])
  }

  @Test("of networkd's files an interface gets the first that fits")
  func firstFits() throws {
    let host = try CapturedHost()
    try card(host)
    try host.file("/etc/systemd/network/10-none.network", "[Match]\nName=enp2s0\n[Link]\nUnmanaged=yes\n")
    try host.file("/etc/systemd/network/20-lan.network", "[Match]\nName=enp2s0\n[Network]\nDHCP=yes\n")
    #expect(severity(usage(host)).isEmpty)
    try host.file("/run/systemd/network/05-lan.network", "[Match]\nName=enp2s0\n[Network]\nDHCP=yes\n")
    #expect(severity(usage(host)) == [.error])
  }

  @Test("included files of ifupdown, and one that includes itself")
  func includes() throws {
    let host = try CapturedHost()
    try card(host)
    try host.file(Self.interfaces, "source /etc/network/interfaces.d/*\nsource /etc/network/interfaces\n")
    try host.file("/etc/network/interfaces.d/lan", "auto enp2s0\niface enp2s0 inet dhcp\n")
    let finding = try #require(FindingTests.findings(.hostNetwork, usage(host)).first)
    #expect(
      finding.evidence == ["0000:02:00.0 → enp2s0: configured-interface inet dhcp (/etc/network/interfaces.d/lan:2)"])
    #expect(
      finding.message
        == "The host is configured to bring up enp2s0, which is on 0000:02:00.0. Without it the interface is missing."
    )
    #expect(finding.remedy.hasSuffix("\"${EDITOR:-vi}\" +2 /etc/network/interfaces.d/lan"))
    #expect(finding.isForceable)
  }

  @Test("a name that udev gives counts too")
  func alternativeName() throws {
    let host = try CapturedHost()
    try card(host)
    try host.file(Self.interfaces, "auto eno1\niface eno1 inet dhcp\n")
    #expect(severity(usage(host)).isEmpty)
    try host.file("/run/udev/data/n3", "E:ID_NET_NAME_ONBOARD=eno1\nE:ID_NET_NAME_MAC=enx525400123456\n")
    #expect(severity(usage(host)) == [.error])
  }

  @Test("a function without a driver goes by the names that udev would give its interface; one with a guest has none")
  func unbound() throws {
    let host = try CapturedHost()
    try host.file(Self.interfaces, "auto enp2s0f0np0\niface enp2s0f0np0 inet dhcp\n")
    #expect(severity(usage(host, driver: .absent)) == [.error])
    #expect(severity(usage(host, driver: .known("vfio-pci"))).isEmpty)
    try host.file(Self.interfaces, "auto ens3\niface ens3 inet dhcp\n")
    #expect(severity(usage(host, driver: .absent)).isEmpty)
    try host.file("/sys/bus/pci/slots/3/address", "0000:02:00\n")
    #expect(severity(usage(host, driver: .absent)) == [.error])
    try host.file(Self.interfaces, "auto lan0\niface lan0 inet dhcp\n")
    #expect(severity(usage(host, driver: .absent)).isEmpty)
    try host.file("/etc/systemd/network/10.link", "[Match]\nPath=pci-0000:02:00.0\n[Link]\nName=lan0\n")
    #expect(severity(usage(host, driver: .absent)) == [.error])
  }

  @Test("an address of no interface may be that of a function without a driver, or of one whose address is hidden")
  func unknownAddress() throws {
    let host = try CapturedHost()
    try host.file(Self.network, "[Match]\nMACAddress=52:54:00:99:99:99\n[Network]\nDHCP=yes\n")
    #expect(
      usage(host, driver: .absent).unknown.map(\.reason) == [
        "\(Self.network):2 is for the interface with the address 52:54:00:99:99:99, and that of this function is not known"
      ])
    try host.file("/sys/class/net/enp3s0/address", "52:54:00:99:99:99\n")
    #expect(usage(host, driver: .absent).unknown.isEmpty)
    try card(host, mac: "00:00:00:00:00:00")
    #expect(usage(host).unknown.isEmpty)
    try host.file(Self.network, "[Match]\nMACAddress=52:54:00:99:99:98\n[Network]\nDHCP=yes\n")
    #expect(usage(host).unknown.map(\.area) == [.network])
  }

  @Test("a file that is not understood makes it unknown, and says where")
  func notUnderstood() throws {
    let host = try CapturedHost()
    try card(host)
    try host.file(Self.plan, "network:\n  ethernets:\n    enp2s0: *lan\n")
    #expect(usage(host).unknown.map(\.reason) == ["\(Self.plan):3: not understood"])
    try host.file(Self.plan, "network:\n  renderer: networkd\n")
    #expect(usage(host).unknown.isEmpty)
    try host.file(Self.plan, "network: {}\n#" + String(repeating: "x", count: 1 << 20))
    #expect(usage(host).unknown.map(\.reason) == ["\(Self.plan): EFBIG"])
  }

  @Test("a large file in brackets, and one that is large by its aliases, are read at once")
  func large() throws {
    let host = try CapturedHost()
    try card(host)
    let sections = (0..<5_000).map { "a\($0): {b: c}" }.joined(separator: ",\n")
    let cards = (0..<5_000).map { "a\($0): {dhcp4: true}" }.joined(separator: ",\n")
    try host.file(Self.plan, "network: {\(sections),\nethernets: {\(cards),\nenp2s0: {dhcp4: true}}}\n")
    let clock = ContinuousClock()
    let took = try clock.measure {
      let found = usage(host).uses.filter { $0.kind == .configuredInterface }
      #expect(found.map(\.place) == ["\(Self.plan):10001"])
      let laughs = (1...9).map {
        "  a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]\n"
      }
      try host.file(Self.plan, "network:\n  a0: &a0 ha\n\(laughs.joined())")
      #expect(usage(host).unknown.map(\.reason) == ["\(Self.plan):8: not understood"])
    }
    #expect(took < .seconds(10))
  }
}

@Suite("What storage the host is told to use, before it uses it")
struct ConfiguredStorageTests {
  private func errors(_ host: CapturedHost) -> [String] {
    [FindingCode.rootStorage, .unknownStorage].flatMap { FindingTests.findings($0, host.evidence()) }.flatMap(
      \.evidence
    ).map(\.description)
  }

  private func member(_ host: CapturedHost, _ type: String, uuid: String = "aa") throws {
    try host.nvme(partitions: 0)
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=\(type)\nE:ID_FS_UUID=\(uuid)\nE:ID_FS_LABEL=tank\n")
  }

  @Test(
    "arguments of the kernel's command line are vital; another device's are not its",
    arguments: [
      "root=UUID=aa", "resume=UUID=aa", "root=LABEL=tank", "rd.luks.uuid=luks-aa", "rd.luks.name=aa=root",
      "cryptdevice=UUID=aa:root", "cryptopts=target=root,source=UUID=aa", "root=/dev/nvme0n1",
    ])
  func arguments(_ word: String) throws {
    let host = try CapturedHost()
    try member(host, "ext4")
    try host.file("/proc/cmdline", "quiet \(word)\n")
    let finding = try #require(FindingTests.findings(.rootStorage, host.evidence()).first)
    #expect(finding.evidence.contains("0000:02:00.0 → nvme0 → nvme0n1: configured-storage \(word) (/proc/cmdline)"))
    #expect(!finding.isForceable)
    try host.file(
      "/proc/cmdline",
      "quiet \(word.replacing("aa", with: "bb").replacing("tank", with: "x").replacing("0n1", with: "1n1"))\n")
    #expect(FindingTests.findings(.rootStorage, host.evidence()).isEmpty)
  }

  @Test("an array's member by the UUID of mdadm.conf, whatever marks are in it")
  func array() throws {
    let host = try CapturedHost()
    try member(host, "linux_raid_member", uuid: "01234567-89ab-cdef-0123-456789abcdef")
    #expect(errors(host).isEmpty)
    try host.file(
      "/etc/mdadm/mdadm.conf", "MAILADDR root\nARRAY /dev/md0 metadata=1.2 UUID=01234567:89abcdef:01234567:89abcdef\n")
    let finding = try #require(FindingTests.findings(.rootStorage, host.evidence()).first)
    #expect(
      finding.evidence.contains(
        "0000:02:00.0 → nvme0 → nvme0n1: configured-storage array /dev/md0 (/etc/mdadm/mdadm.conf:2)"))
    #expect(finding.isForceable && finding.remedy.contains("\"${EDITOR:-vi}\" +2 /etc/mdadm/mdadm.conf"))
  }

  @Test("a pool of zpool.cache, and what was suspended to disk by the initramfs's own file")
  func otherFiles() throws {
    let host = try CapturedHost()
    try member(host, "zfs_member")
    try host.file("/etc/zfs/zpool.cache", [1, 1, 0, 0, 0, 0, 0, 4] + Array("tanx".utf8) + [0, 0, 0, 1])
    #expect(errors(host).isEmpty)
    try host.file("/etc/zfs/zpool.cache", [1, 1, 0, 0, 0, 0, 0, 4] + Array("tank".utf8) + [0, 0, 0, 1])
    #expect(errors(host) == ["0000:02:00.0 → nvme0 → nvme0n1: configured-storage pool tank (/etc/zfs/zpool.cache)"])
    let swap = try CapturedHost()
    try member(swap, "swap")
    try swap.file("/etc/initramfs-tools/conf.d/resume", "RESUME=none\n")
    #expect(errors(swap).isEmpty)
    try swap.file("/etc/initramfs-tools/conf.d/resume", "# x\nRESUME=UUID=aa\n")
    #expect(
      errors(swap) == [
        "0000:02:00.0 → nvme0 → nvme0n1: configured-storage RESUME=UUID=aa (/etc/initramfs-tools/conf.d/resume:2)"
      ])
  }

  @Test("an entry that is nowhere may lie inside what is not activated; not on a plain file system, nor if it is found")
  func unresolved() throws {
    let host = try CapturedHost()
    try member(host, "LVM2_member")
    try host.file("/etc/fstab", "# note\n/dev/mapper/vg0-home /home ext4 defaults 0 2\n")
    #expect(
      errors(host) == [
        "0000:02:00.0: /etc/fstab:2 wants /dev/mapper/vg0-home, which is not there now and may lie on /dev/nvme0n1 (LVM2_member tank)"
      ])
    try host.file("/etc/fstab", "/dev/mapper/vg0-home /home ext4 noauto 0 2\n")
    #expect(errors(host).isEmpty)
    try host.file("/etc/fstab", "/dev/mapper/vg0-home /home ext4 defaults 0 2\nproc /proc proc defaults 0 0\n")
    try host.file("/sys/class/block/dm-3/dm/name", "vg0-home\n")
    #expect(errors(host).isEmpty)
    try host.file("/etc/fstab", "UUID=ff /home ext4 defaults 0 2\n")
    #expect(errors(host).count == 1)
    try host.link("/dev/disk/by-uuid/ff", to: "../../sdz1")
    try host.file("/sys/class/block/sdz1/dev", "65:1\n")
    #expect(errors(host).isEmpty)
    try host.file("/etc/fstab", "UUID=ee /home ext4 defaults 0 2\n")
    #expect(errors(host).count == 1)
    try host.file("/proc/self/mountinfo", "1 0 0:1 / / rw - tmpfs none rw\n2 1 8:1 / /home rw - ext4 /dev/sda1 rw\n")
    #expect(errors(host).isEmpty)
    try host.file("/proc/self/mountinfo", "1 0 0:1 / / rw - tmpfs none rw\n")
    try host.file("/run/udev/data/b259:0", "E:ID_FS_TYPE=ext4\nE:ID_FS_UUID=aa\n")
    #expect(errors(host).isEmpty)
  }

  @Test("a disk of which nothing is known may be what an entry wants")
  func nothingKnown() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    #expect(errors(host).isEmpty)
    try host.file("/etc/fstab", "LABEL=data /srv ext4 defaults 0 2\n")
    #expect(
      errors(host) == [
        "0000:02:00.0: /etc/fstab:1 wants LABEL=data, which is not there now and may lie on /dev/nvme0n1, of which udev has no record"
      ])
  }

  @Test("a disk controller without a driver, by the place that fstab names")
  func byPath() throws {
    let host = try CapturedHost()
    try host.file("/etc/fstab", "/dev/disk/by-path/pci-0000:02:00.0-nvme-1-part2 /srv ext4 defaults 0 2\n")
    #expect(
      host.evidence(driver: .absent).lines == [
        "fstab /dev/disk/by-path/pci-0000:02:00.0-nvme-1-part2 /srv: 0000:02:00.0 > pci-0000:02:00.0-nvme-1-part2"
      ])
    #expect(host.evidence(driver: .known("vfio-pci")).uses.isEmpty)
  }

  @Test("SELinux and AppArmor between a guest and its device file")
  func confinement() throws {
    let host = try CapturedHost()
    func found() -> [Finding] { FindingTests.findings(.confinedGuests, Usage(), around: host.surroundings()) }
    #expect(found().isEmpty)
    try host.file("/sys/fs/selinux/enforce", "0")
    #expect(found().isEmpty)
    try host.file("/sys/fs/selinux/enforce", "1")
    #expect(found().map(\.severity) == [.info])
    try host.file("/sys/kernel/security/apparmor/profiles", "man_groff (enforce)\nlibvirtd (complain)\n")
    #expect(found().count == 1)
    try host.file("/sys/kernel/security/apparmor/profiles", "man_groff (enforce)\nlibvirtd (enforce)\n")
    #expect(found().map(\.severity) == [.info, .info])
    let local = "/etc/apparmor.d/local/abstractions/libvirt-qemu"
    try host.file(local, "  # deny /dev/vfio/vfio rw,\n  audit deny /dev/vfio/** rwk,\n")
    let denied = try #require(found().first)
    #expect(denied.severity == .warning)
    #expect(denied.evidence.last?.description == "\(local):2: audit deny /dev/vfio/** rwk,")
    #expect(denied.remedy == "sed -i '2s/^/#/' \(local) && systemctl reload apparmor")
  }
}
