import Host
@testable import HostUse
import System
import Testing

@Suite("What goes through a function's interfaces")
struct NetworkTests {
  private func host() throws -> CapturedHost {
    let host = try CapturedHost()
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
    try host.link("\(host.card)/net/enp2s0/master", to: "\(virtual)/bond0")
    try host.link("\(host.card)/net/enp2s0/upper_bond0", to: "\(virtual)/bond0")
    try host.link("\(virtual)/bond0/upper_bond0.7", to: "\(virtual)/bond0.7")
    try host.link("\(virtual)/bond0.7/master", to: "\(virtual)/br0")
    try network(host, on: "br0")
    let lines = evidence(host, ssh: "198.51.100.7 5000 192.0.2.10 22").lines
    let chain = "0000:02:00.0 > enp2s0 > bond0 > bond0.7 > br0"
    #expect(lines.contains("master enp2s0 bond0: 0000:02:00.0 > enp2s0"))
    #expect(lines.contains("master bond0.7 br0: 0000:02:00.0 > enp2s0 > bond0 > bond0.7"))
    #expect(lines.contains("default-route br0 default via 192.0.2.1: \(chain)"))
    #expect(
      lines.contains("ssh br0 the SSH connection that this command was typed through, from 198.51.100.7: \(chain)"))
  }

  @Test("an SSH connection over another interface is not this one's")
  func otherConnection() throws {
    let host = try host()
    try network(host, on: "eno1")
    #expect(
      evidence(host, ssh: "198.51.100.7 5000 192.0.2.10 22").lines == ["interface enp2s0 up: 0000:02:00.0 > enp2s0"])
  }

  @Test("a connection to a link-local address runs over the link that it names, and over the card below it")
  func linkLocal() throws {
    let host = try host()
    func isOver(_ zone: String) -> Bool {
      evidence(host, ssh: "fe80::2%\(zone) 5000 fe80::1%\(zone) 22").uses.contains { $0.kind == .ssh }
    }
    #expect(isOver("enp2s0") && !isOver("enp3s0"))
    #expect(!isOver("br0"))
    try host.link("/sys/class/net/enp2s0/upper_br0", to: "../br0")
    #expect(isOver("br0"))
  }

  @Test("an address belongs to the interface that the kernel lists it with, whatever the routes say")
  func listed() throws {
    let host = try host()
    try network(host, on: "eno1")
    func addresses(_ listed: [InterfaceAddress]?) -> [String] {
      host.evidence(classCode: 0x020000, driver: .known("e1000e"), isRehearsal: false, addresses: listed)
        .uses.filter { $0.kind == .networkAddress }.map(\.detail)
    }
    #expect(addresses(nil).isEmpty)
    #expect(
      addresses([
        InterfaceAddress(interface: "lo", bytes: [127, 0, 0, 1]),
        InterfaceAddress(interface: "enp2s0", bytes: [203, 0, 113, 7]),
        InterfaceAddress(interface: "enp2s0", bytes: [0xfe, 0x80] + Array(repeating: 0, count: 13) + [1]),
      ]) == ["203.0.113.7"])
  }

  @Test("the connection is found in the environment of the processes above, which sudo does not pass on")
  func sudo() throws {
    let host = try host()
    try network(host, on: "enp2s0")
    try host.file("/proc/self/stat", "30 (hostdev) S 20 1 1\n")
    try host.file("/proc/self/environ", "HOME=/root\0")
    try host.file("/proc/20/stat", "20 (su (do) x) S 10 1 1\n")
    try host.file("/proc/20/environ", "HOME=/root\0")
    try host.file("/proc/10/stat", "10 (bash) S 1 1 1\n")
    try host.file("/proc/10/environ", "A=b\0SSH_CONNECTION=198.51.100.7 5000 192.0.2.10 22\0")
    let found = host.evidence(classCode: 0x020000, driver: .known("e1000e"), isRehearsal: false)
    #expect(found.uses.contains { $0.kind == .ssh && $0.subject == "enp2s0" })
    #expect(!evidence(host).uses.contains { $0.kind == .ssh })
  }

  @Test("file systems and disks of a server that the interface leads to")
  func remoteStorage() throws {
    let host = try host()
    try network(host, on: "enp2s0")
    try host.file(
      "/proc/self/mountinfo",
      "9 1 0:50 / /home rw - nfs4 nas:/home rw,vers=4.2,addr=192.0.2.9\n10 1 0:51 / /x rw - nfs4 b:/x rw,addr=::1\n")
    try host.file("/sys/class/nvme/nvme5/address", "traddr=192.0.2.8,trsvcid=4420\n")
    try host.file("/sys/class/nvme/nvme5/transport", "tcp\n")
    let lines = evidence(host).lines
    #expect(lines.contains("mount nas:/home /home: 0000:02:00.0 > enp2s0"))
    #expect(lines.contains("remote-storage nvme5 NVMe over tcp: 0000:02:00.0 > enp2s0"))
    #expect(!lines.contains { $0.contains("/x") })
  }

  @Test("the root file system on an iSCSI disk hangs on the interface that leads to its server, with the whole chain")
  func iSCSI() throws {
    let host = try host()
    try network(host, on: "enp2s0")
    let session = "/sys/devices/platform/host3/session1"
    try host.device("\(session)/target3:0:0/3:0:0:0/block/sdq", "block", number: "65:0", type: "disk")
    try host.device("\(session)/target3:0:0/3:0:0:0/block/sdq/sdq1", "block", number: "65:1", type: "partition")
    try host.link("/sys/class/iscsi_connection/connection1:0", to: "../../devices/platform/host3/session1/c")
    try host.file("\(session)/c/address", "\n")
    try host.file("\(session)/c/persistent_address", "192.0.2.8\n")
    try host.link(
      "/sys/class/iscsi_session/session1", to: "../../devices/platform/host3/session1/iscsi_session/session1")
    try host.link("\(session)/iscsi_session/session1/device", to: "../..")
    try host.file("\(session)/iscsi_session/session1/targetname", "iqn.2024-01.org.example:disk\n")
    try host.file("/proc/self/mountinfo", "22 1 65:1 / / rw - ext4 /dev/sdq1 rw\n")
    func remote(_ usage: Usage) -> [String] {
      usage.lines.filter { !["address", "route", "default-route"].contains($0.split(separator: " ").first ?? "") }
    }
    let chain = "0000:02:00.0 > enp2s0"
    #expect(!remote(evidence(host)).contains { $0.hasPrefix("remote-storage") })
    try host.file("\(session)/c/address", "192.0.2.8\n")
    #expect(
      remote(evidence(host)) == [
        "remote-storage session1 iSCSI iqn.2024-01.org.example:disk: \(chain)",
        "mount /dev/sdq1 /: \(chain) > session1 > sdq > sdq1 !",
      ])
  }

  @Test("a mount of an NVMe disk over TCP, with native multipath and without", arguments: [false, true])
  func fabrics(_ isShared: Bool) throws {
    let host = try host()
    try network(host, on: "enp2s0")
    let controller = "/sys/devices/virtual/nvme-fabrics/ctl/nvme5"
    try host.link("/sys/class/nvme/nvme5", to: controller)
    try host.file("\(controller)/address", "traddr=192.0.2.8,trsvcid=4420\n")
    try host.file("\(controller)/transport", "tcp\n")
    let subsystem = "/sys/devices/virtual/nvme-subsystem/nvme-subsys5"
    try host.link("/sys/class/nvme-subsystem/nvme-subsys5", to: subsystem)
    try host.link("\(subsystem)/nvme5", to: controller)
    try host.device("\(isShared ? subsystem : controller)/nvme5n1", "block", number: "259:8", type: "disk")
    try host.file("/proc/self/mountinfo", "22 1 259:8 / /srv rw - xfs /dev/nvme5n1 rw\n")
    let lines = evidence(host).lines
    #expect(lines.contains("mount /dev/nvme5n1 /srv: 0000:02:00.0 > enp2s0 > nvme5 > nvme5n1"), "\(lines)")
  }

  @Test("a port of Open vSwitch, and a macvlan that has the address")
  func otherMasters() throws {
    let host = try host()
    let virtual = "/sys/devices/virtual/net"
    for name in ["ovs-system", "macvlan0"] { try host.device("\(virtual)/\(name)", "net") }
    try host.link("\(host.card)/net/enp2s0/master", to: "\(virtual)/ovs-system")
    try host.link("\(host.card)/net/enp2s0/upper_macvlan0", to: "\(virtual)/macvlan0")
    try network(host, on: "macvlan0")
    let lines = evidence(host).lines
    #expect(lines.contains("master enp2s0 ovs-system: 0000:02:00.0 > enp2s0"))
    #expect(lines.contains("upper enp2s0 macvlan0: 0000:02:00.0 > enp2s0"))
    #expect(lines.contains("address macvlan0 192.0.2.10: 0000:02:00.0 > enp2s0 > macvlan0"))
  }

  @Test("a VXLAN above a bridge is no master of it: it is deleted, and the ports leave their masters")
  func vxlan() throws {
    let host = try host()
    let virtual = "/sys/devices/virtual/net"
    for name in ["bond0", "br0", "flannel.1", "we;ird"] { try host.device("\(virtual)/\(name)", "net") }
    try host.link("\(host.card)/net/enp2s0/master", to: "\(virtual)/bond0")
    try host.link("\(host.card)/net/enp2s0/upper_bond0", to: "\(virtual)/bond0")
    // A capture without the link `master`: the bridge shows what it is.
    try host.link("\(virtual)/bond0/upper_br0", to: "../br0")
    try host.file("\(virtual)/br0/bridge/stp_state", "0\n")
    try host.link("\(virtual)/br0/upper_flannel.1", to: "../flannel.1")
    try host.link("\(virtual)/br0/upper_we;ird", to: "../we;ird")
    #expect(
      evidence(host).lines == [
        "master enp2s0 bond0: 0000:02:00.0 > enp2s0", "master bond0 br0: 0000:02:00.0 > enp2s0 > bond0",
        "upper br0 flannel.1: 0000:02:00.0 > enp2s0 > bond0 > br0",
        "upper br0 we;ird: 0000:02:00.0 > enp2s0 > bond0 > br0",
      ])
    let finding = try #require(FindingTests.findings(.hostNetwork, evidence(host)).first)
    #expect(finding.severity == .error)
    #expect(
      finding.remedy.hasSuffix(
        "then: ip link del dev flannel.1; ip link del dev 'we;ird'; ip link set dev bond0 nomaster; ip link set dev enp2s0 nomaster"
      ))
  }

  @Test("nothing is claimed of addresses and routes that could not be read")
  func unread() throws {
    let host = try host()
    try host.file("\(host.card)/net/enp2s0/operstate", "up\n")
    try host.file("\(host.card)/net/enp2s0/flags", "0x1003\n")
    try host.file("/proc/net/fib_trie", "Main:\n")
    func message() -> String? { FindingTests.findings(.hostNetwork, evidence(host)).first?.message }
    #expect(message()?.contains("without address, route or master") == true)
    for path in ["/proc/net/fib_trie", "/proc/net/route"] {
      try host.remove(path)
      #expect(
        message()
          == "enp2s0 on 0000:02:00.0 is up. Whether the host has an address or a route there could not be determined.")
      #expect(
        FindingTests.findings(.unknownNetwork, evidence(host)).first?.evidence.first?.value.contains(path) == true)
    }
  }

  @Test("the addresses of an Open vSwitch bridge are found by the socket that it has")
  func openSwitch() throws {
    let host = try host()
    for name in ["ovs-system", "br-ex"] { try host.device("/sys/devices/virtual/net/\(name)", "net") }
    try host.link("\(host.card)/net/enp2s0/master", to: "/sys/devices/virtual/net/ovs-system")
    try network(host, on: "br-ex")
    #expect(evidence(host).lines == ["master enp2s0 ovs-system: 0000:02:00.0 > enp2s0"])
    try host.file("/run/openvswitch/br-ex.mgmt")
    try host.file("/run/openvswitch/br-ex.snoop")
    let lines = evidence(host, ssh: "198.51.100.7 5000 192.0.2.10 22").lines
    let chain = "0000:02:00.0 > enp2s0 > ovs-system > br-ex"
    #expect(lines.contains("default-route br-ex default via 192.0.2.1: \(chain)"))
    #expect(
      lines.contains(
        "ssh br-ex the SSH connection that this command was typed through, from 198.51.100.7: \(chain)"))
  }

  @Test("an RDMA device is in use by its port's state")
  func rdma() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/infiniband/mlx5_0", "infiniband")
    try host.file("\(host.card)/infiniband/mlx5_0/ports/1/state", "4: ACTIVE\n")
    func found() -> Usage { host.evidence(classCode: 0x020700, driver: .known("mlx5_core")) }
    #expect(found().lines == ["rdma mlx5_0 RDMA device, active: 0000:02:00.0 > mlx5_0"])
    #expect(found().idle.isEmpty)
    try host.file("\(host.card)/infiniband/mlx5_0/ports/1/state", "1: DOWN\n")
    #expect(found().idle == ["rdma mlx5_0"])
  }

  @Test(
    "an interface is idle if it is known to be down without a carrier",
    arguments: [
      ("down", "0x1002", true), ("down", "0x1003", false), ("up", "0x1002", false), ("unknown", "0x1002", false),
      ("down", nil, false), (nil, "0x1002", false),
    ] as [(String?, String?, Bool)])
  func down(_ state: String?, _ flags: String?, _ isIdle: Bool) throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/net/enp2s0", "net")
    if let state { try host.file("\(host.card)/net/enp2s0/operstate", "\(state)\n") }
    if let flags { try host.file("\(host.card)/net/enp2s0/flags", "\(flags)\n") }
    #expect(evidence(host).idle == (isIdle ? ["interface enp2s0"] : []))
  }

  @Test("a network function whose interface is not shown is unknown; who has other namespaces is named")
  func elsewhere() throws {
    let host = try CapturedHost()
    #expect(evidence(host).unknown.map(\.area) == [.network])
    try host.folder("/sys/class/net")
    try host.folder("\(host.card)/net")
    try host.link("/proc/1/ns/net", to: "net:[1]")
    for (process, namespace) in [("1", 1), ("70", 1), ("77", 2), ("78", 2)] where process != "1" {
      try host.link("/proc/\(process)/ns/net", to: "net:[\(namespace)]")
      try host.file("/proc/\(process)/comm", "nginx\n")
    }
    try host.file("/proc/77/cgroup", "12:devices:/docker/\(String(repeating: "4f", count: 32))\n")
    #expect(
      evidence(host).unknown.map(\.reason) == [
        "no interface of it is shown: it may be in another network namespace, such as that of pid 77 (nginx, in container 4f4f4f4f4f4f)"
      ])
  }

  @Test(
    "a virtio function whose virtio device no driver has yet has no interface; once one has it, its place is unknown")
  func onlyTransport() throws {
    let host = try CapturedHost()
    try host.folder("/sys/class/net")
    try host.folder("/sys/bus/virtio")
    try host.link("\(host.card)/virtio0/subsystem", to: "../../../../bus/virtio")
    try host.file("\(host.card)/virtio0/uevent", "MODALIAS=virtio:d00000001v00001AF4\n")
    #expect(evidence(host).unknown.isEmpty)
    try host.file("\(host.card)/virtio0/uevent", "DRIVER=virtio_net\nMODALIAS=virtio:d00000001v00001AF4\n")
    #expect(evidence(host).unknown.map(\.area) == [.network])
  }

  @Test("an accelerator whose driver has made interfaces that are not shown is unknown; another one is not")
  func hiddenInterface() throws {
    let host = try CapturedHost()
    try host.folder("/sys/class/net")
    func areas() -> [UnknownUse.Area] {
      host.evidence(classCode: 0x120000, driver: .known("sfc")).unknown.map(\.area)
    }
    #expect(areas().isEmpty)
    try host.folder("\(host.card)/net")
    #expect(areas() == [.network])
  }

  @Test("an adapter behind a USB controller whose interface is not shown, beside one whose is")
  func hiddenBehindUSB() throws {
    let host = try CapturedHost()
    for port in ["1", "2"] {
      try host.device("\(host.card)/usb1/1-\(port)/1-\(port):1.0", "usb")
    }
    try host.device("\(host.card)/usb1/1-1/1-1:1.0/net/enx1", "net")
    func areas() -> [UnknownUse.Area] {
      host.evidence(classCode: 0x0c0330, driver: .known("xhci_hcd")).unknown.map(\.area)
    }
    #expect(!areas().contains(.network))
    try host.folder("\(host.card)/usb1/1-2/1-2:1.0/net")
    #expect(areas().contains(.network))
  }

  @Test("a network function whose driver makes no interface has none to hide; of a capture that cannot be told")
  func noInterface() throws {
    let host = try CapturedHost()
    try host.folder("/sys/class/net")
    func areas(_ isRehearsal: Bool) -> [UnknownUse.Area] {
      host.evidence(classCode: 0x020700, driver: .known("mlx4_core"), isRehearsal: isRehearsal).unknown.map(\.area)
    }
    #expect(areas(true).contains(.network) && !areas(false).contains(.network))
    try host.folder("\(host.card)/net")
    #expect(areas(false).contains(.network))
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

  @Test("what is not an address", arguments: ["", "1.2.3", "1.2.3.256", "1:2", ":::", "12345::", "1::2::3", "g::"])
  func noAddress(_ text: String) {
    #expect(NetworkAddress(text) == nil)
  }
}
