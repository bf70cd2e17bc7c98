import TestSupport
import Testing

@testable import Settings

@Suite("What the host is told of interfaces")
struct NetworkSettingsTests {
  @Test("each tool's files, with the line that says so")
  func tools() {
    let found = NetworkSettings(
      reading: Written([
        "/etc/network/interfaces": "auto eno1\niface eno1 inet dhcp\n",
        "/etc/netplan/a.yaml": "network:\n  ethernets:\n    eno2:\n      dhcp4: true\n",
        "/etc/NetworkManager/system-connections/a": "[connection]\nid=a\ntype=ethernet\ninterface-name=eno3\n",
        "/etc/systemd/network/a.network": "[Match]\nName=eno4\n[Network]\nBridge=br0\n",
        "/etc/systemd/network/b.link": "[Match]\nPath=pci-0000:01:*\n[Link]\nName=lan0\n",
      ]))
    #expect(
      (found.settings + found.exclusive).map { "\($0.match.names) \($0.detail) \($0.place) \($0.isAutomatic)" } == [
        "[\"eno1\"] inet dhcp /etc/network/interfaces:2 true", "[\"eno2\"] dhcp4 /etc/netplan/a.yaml:3 true",
        "[\"eno3\"] connection a /etc/NetworkManager/system-connections/a:4 true",
        "[\"eno4\"] Bridge=br0 /etc/systemd/network/a.network:2 true",
      ])
    #expect(found.exclusive.map(\.upper) == ["br0"])
    #expect(found.namesByPath.map { "\($0.pattern) \($0.name)" } == ["pci-0000:01:* lan0"])
    #expect(found.unread.isEmpty)
  }

  @Test("what may not be read, or is not understood, is not nothing")
  func unread() {
    let found = NetworkSettings(
      reading: Written(
        ["/etc/netplan/a.yaml": "network:\n  a: *b\n", "/etc/netplan/b.yaml": ""],
        barred: ["/etc/network/interfaces", "/etc/netplan/b.yaml"]))
    #expect(
      found.unread.map(\.description) == [
        "/etc/network/interfaces: EACCES", "/etc/netplan/a.yaml:2: not understood", "/etc/netplan/b.yaml: EACCES",
      ])
  }
}
