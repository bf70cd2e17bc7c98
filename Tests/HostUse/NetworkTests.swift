import Host
@testable import HostUse
import Testing

@Suite("What goes through a function's interfaces")
struct NetworkTests {
  private func host(_ name: String = #function) throws -> CapturedHost {
    let host = try CapturedHost(name)
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.file("\(host.card)/net/enp2s0/operstate", "up\n")
    return host
  }

  private func evidence(_ host: CapturedHost, ssh: String? = nil) -> Usage {
    host.evidence(classCode: 0x020000, driver: .known("e1000e"), ssh: ssh)
  }

  private func network(_ host: CapturedHost, on interface: String) throws {
    try host.file(
      "/proc/net/route",
      """
      Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
      \(interface) 00000000 010200C0 0003 0 0 0 00000000 0 0 0
      \(interface) 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0

      """)
    try host.file(
      "/proc/net/fib_trie",
      """
      Main:
        +-- 0.0.0.0/0 3 0 5
           |-- 192.0.2.10
              /32 host LOCAL

      """)
    try host.file(
      "/proc/net/if_inet6",
      """
      fe80000000000000505400fffe000001 02 40 20 80   \(interface)
      20010db8000000000000000000000001 02 40 00 80   \(interface)

      """)
  }

  @Test("an idle interface is one all the same")
  func idle() throws {
    #expect(try evidence(host()).lines == ["interface enp2s0 up: 0000:02:00.0 > enp2s0"])
  }

  @Test("addresses and routes; the link-local address that every interface has is none")
  func addresses() throws {
    let host = try host()
    try network(host, on: "enp2s0")
    #expect(
      evidence(host).lines == [
        "address enp2s0 192.0.2.10: 0000:02:00.0 > enp2s0", "address enp2s0 2001:db8::1: 0000:02:00.0 > enp2s0",
        "default-route enp2s0 default via 192.0.2.1: 0000:02:00.0 > enp2s0",
        "route enp2s0 192.0.2.0/24: 0000:02:00.0 > enp2s0",
      ])
  }

  @Test("a bond with a VLAN in a bridge carries the default route and the SSH connection")
  func stacked() throws {
    let host = try host()
    let virtual = "/sys/devices/virtual/net"
    for name in ["bond0", "bond0.7", "br0"] { try host.device("\(virtual)/\(name)", "net") }
    try host.link("\(host.card)/net/enp2s0/master", "\(virtual)/bond0")
    try host.link("\(host.card)/net/enp2s0/upper_bond0", "\(virtual)/bond0")
    try host.link("\(virtual)/bond0/upper_bond0.7", "\(virtual)/bond0.7")
    try host.link("\(virtual)/bond0.7/master", "\(virtual)/br0")
    try network(host, on: "br0")
    let lines = evidence(host, ssh: "198.51.100.7 5000 192.0.2.10 22").lines
    let chain = "0000:02:00.0 > enp2s0 > bond0 > bond0.7 > br0"
    #expect(lines.contains("master enp2s0 bond0: 0000:02:00.0 > enp2s0"))
    #expect(lines.contains("master bond0.7 br0: 0000:02:00.0 > enp2s0 > bond0 > bond0.7"))
    #expect(lines.contains("default-route br0 default via 192.0.2.1: \(chain)"))
    #expect(lines.contains("ssh br0 your own SSH connection, 192.0.2.10: \(chain)"))
  }

  @Test("an SSH connection over another interface is not this one's")
  func otherConnection() throws {
    let host = try host()
    try network(host, on: "eno1")
    #expect(
      evidence(host, ssh: "198.51.100.7 5000 192.0.2.10 22").lines == ["interface enp2s0 up: 0000:02:00.0 > enp2s0"])
  }

  @Test("a network function whose interface is not shown is unknown")
  func elsewhere() throws {
    #expect(try evidence(CapturedHost()).unknown.map(\.area) == [.network])
  }

  @Test(
    "addresses are read and printed as ip does",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("::1", "::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::", "::"),
    ])
  func address(_ text: String, _ printed: String) {
    #expect(NetworkAddress(text)?.description == printed)
  }

  @Test("what is no address", arguments: ["", "1.2.3", "1.2.3.256", "1:2", ":::", "12345::", "1::2::3", "g::"])
  func noAddress(_ text: String) {
    #expect(NetworkAddress(text) == nil)
  }
}
