import Host
import HostUse
import Inventory
import Sysfs
import System
import TestSupport
import Testing

@testable import Snapshot

/// The snapshot has what the host is configured to use, without the secrets in the same files.
@Suite struct ConfigurationTests {
  private func host() throws -> Scratch {
    let tree = try makeHost()
    try tree.link("\(Place.nic)/driver", to: "../../../bus/pci/drivers/e1000e")
    try tree.file(
      "etc/network/interfaces",
      "auto enx525400ab12cd\niface enx525400ab12cd inet dhcp\n  wpa-psk hush1\n  wpa_passphrase hush2\n  up mount -o password=hush3 x\n"
    )
    try tree.file(
      "etc/netplan/50.yaml",
      """
      network:
        wifis:
          wlan0:
            access-points:
              "hush4":
                auth: {key-management: psk, password: hush5}
            dhcp4: true
        tunnels:
          wg0:
            key: hush6
        ethernets:
          enx525400ab12cd:
            auth:
              client-key-password: hush7
            addresses: [192.0.2.3/24]
      """)
    try tree.file("etc/netplan/60.yaml", "network:\n  wifis: &a\n    password: hush8\n")
    try tree.file(
      "etc/NetworkManager/system-connections/w.nmconnection",
      "[connection]\nid=w\ntype=wifi\ninterface-name=wlan0\n[wifi]\nssid=hush9\n[wifi-security]\npsk=hush10\n[802-1x]\npassword=hush11\n[vpn-secrets]\nid=hush12\n"
    )
    try tree.file(
      "etc/NetworkManager/system-connections/lan.nmconnection",
      "[connection]\nid=lan\ntype=ethernet\n[ethernet]\nmac-address=52:54:00:AB:12:CD\n[802-1x]\nprivate-key-password=hush13\n"
    )
    try tree.file(
      "etc/systemd/network/10.network", "[Match]\nName=eno9\n[Network]\nDHCP=yes\n[WireGuard]\nKey=hush14\n")
    try tree.file("etc/systemd/network/wg.netdev", "[WireGuard]\nPrivateKey=hush15\n")
    try tree.file(
      "etc/fstab", "# hush16\n//nas/x /x cifs user=hush17,password=hush18,ro 0 0\nUUID=aa /srv ext4 defaults 0 2\n")
    try tree.file("etc/initramfs-tools/conf.d/all", "HUSH=hush19\nRESUME=UUID=bb\n")
    return tree
  }

  private func configured(_ tree: Scratch) throws -> [String] {
    let sysfs = TreeSysfs(try Root(tree.path), isWritable: false)
    let scanner = Scanner(sysfs)
    var host = try scanner.scan()
    let set = host.functions.map(\.address)
    scanner.detail(set, of: &host)
    return Evidence(sysfs: sysfs, isRehearsal: true, clock: .system).gather(set, in: host).uses
      .filter { $0.kind == .configuredInterface }.map { "\($0.detail) \($0.place ?? "")" }
  }

  @Test(arguments: [false, true]) func noSecretIsCopied(_ redact: Bool) throws {
    let tree = try snapshot(of: try host(), redact: redact)
    for path in tree.all { #expect(tree[path]?.contains("hush") != true, "\(path): \(tree[path] ?? "")") }
    #expect(tree["etc/fstab"]?.contains("UUID=aa /srv ext4 defaults 0 2") == true)
    #expect(tree["etc/initramfs-tools/conf.d/all"] == "\nRESUME=UUID=bb\n")
    #expect(!tree.all.contains("etc/systemd/network/wg.netdev"))
  }

  @Test func theSameIsReadOfIt() throws {
    let host = try host()
    let before = try configured(host)
    #expect(before.count == 3, "\(before)")
    #expect(try configured(snapshot(of: host, redact: false)) == before)
  }

  @Test func aliasesAndEscapesOfNetplanAreWrittenOut() throws {
    let host = try host()
    try host.file(
      "etc/netplan/70.yaml",
      """
      x-card: &card
        auth: {password: hush20}
        dhcp6: true
      network:
        wifis:
          "enx525400\\x61b12cd": &wifi
            access-points: {"hush21": {password: "hush22"}}
          wlan1: *wifi
        ethernets:
          enx525400ab12cd:
            <<: *card
            addresses: ["192.0.2.4/24\\\"", 'it''s']
      """)
    let before = try configured(host)
    #expect(before.contains("dhcp6, addresses 192.0.2.3/24 192.0.2.4/24\" it's /etc/netplan/70.yaml:10"), "\(before)")
    let tree = try snapshot(of: host, redact: false)
    #expect(try !tree.text("etc/netplan/70.yaml").contains("hush"))
    #expect(try configured(tree) == before)
  }
}
