import Host
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("The kernel that writes a dump after a crash keeps what it writes to")
struct CrashDumpTests {
  private static let ids = "vfio-pci.ids=10ee:5000"
  private static let fedora = [
    "/etc/kdump.conf": "# a comment\npath /var/crash\ncore_collector makedumpfile -l\n",
    "/etc/sysconfig/kdump":
      "KDUMP_COMMANDLINE_REMOVE=\"hugepages quiet\"\nKDUMP_COMMANDLINE_APPEND=\"irqpoll nr_cpus=1\"\n",
    "/proc/cmdline": "crashkernel=256M \(ids)\n",
    "/proc/mounts": "/dev/nvme0n1p2 / ext4 rw 0 0\nproc /proc proc rw 0 0\n",
  ]
  private static let root = Use(
    .mount(device: "/dev/nvme0n1p2", on: Use.MountPoint("/")), of: Examined.first,
    chain: ["\(Examined.first)", "nvme0", "nvme0n1", "nvme0n1p2"], isVital: true)
  private static let card = Use(
    .defaultRoute(interface: "eth0", route: "default"), of: Examined.first, chain: ["\(Examined.first)", "eth0"])

  private func check(
    _ more: [String: String] = [:], cmdline: String = "crashkernel=256M \(ids)", uses: [Use] = [root],
    _ change: (inout Examination) -> Void = { _ in }
  ) -> [Finding] {
    Examined.examination(cmdline: cmdline, Self.fedora.merging(more) { $1 }) {
      $0.crashUsage.uses = uses
      change(&$0)
    }.findings(.crashDump)
  }

  @Test func idsThatTakeTheDisk() throws {
    let found = try #require(check().first)
    #expect(found.severity == .error && found.functions == [Examined.first])
    #expect(found.evidence.map(\.description).contains("/etc/kdump.conf:2: path /var/crash"))
    #expect(
      found.remedy == "add vfio-pci.ids to KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump, then: kdumpctl reload")
    // Controls: another function, another file system, and a word that it is not given.
    #expect(check(uses: []).map(\.severity) == [.ok])
    #expect(
      check(["/proc/mounts": "/dev/sda1 /var/crash xfs rw 0 0\n/dev/nvme0n1p2 / ext4 rw 0 0\n"]).map(\.severity) == [
        .ok
      ])
    #expect(check(["/etc/sysconfig/kdump": "KDUMP_COMMANDLINE_REMOVE=\"vfio-pci.ids\"\n"]).map(\.severity) == [.ok])
    #expect(check(["/etc/sysconfig/kdump": "KDUMP_COMMANDLINE=\"root=/dev/x\"\n"]).map(\.severity) == [.ok])
  }

  @Test func itsOwnCommandLineCounts() throws {
    let own = ["/etc/sysconfig/kdump": "X=1\nKDUMP_COMMANDLINE_APPEND=\"irqpoll \(Self.ids)\"\n"]
    let found = try #require(check(own, cmdline: "crashkernel=256M").first)
    #expect(found.severity == .error && found.remedy.hasPrefix("edit /etc/sysconfig/kdump:2 and remove \(Self.ids)"))
    let debian = [
      "/etc/default/kdump-tools":
        "USE_KDUMP=1\nKDUMP_CMDLINE_APPEND=\"nr_cpus=1 \(Self.ids)\"\nKDUMP_COREDIR=\"/var/crash\"\n",
      "/etc/kdump.conf": "", "/etc/sysconfig/kdump": "",
    ]
    #expect(check(debian, cmdline: "crashkernel=256M").first?.remedy.hasSuffix("systemctl restart kdump-tools") == true)
  }

  @Test func theTargetIsWhatTheFileNames() {
    let links = ["/etc/kdump.conf": "ext4 UUID=\"abc\"\npath /\n"]
    // No link says which that is, so the name stays.
    #expect(Examined.examination(Self.fedora.merging(links) { $1 }).settings.crashDump?.target == .device("abc"))
    let raw = ["/etc/kdump.conf": "raw /dev/nvme0n1p2\n"]
    #expect(check(raw).map(\.severity) == [.error])
    #expect(check(["/etc/kdump.conf": "raw /dev/nvme0n1p3\n"]).map(\.severity) == [.ok])
    let suse = { (target: String) in
      ["/etc/sysconfig/kdump": "KDUMP_SAVEDIR=\"\(target)\"\nKDUMP_NETCONFIG=\"eth0:dhcp4\"\n", "/etc/kdump.conf": ""]
    }
    #expect(check(suse("file:///var/crash")).map(\.severity) == [.error])
    #expect(check(suse("nfs://host/dumps")).map(\.severity) == [.ok])
    #expect(check(suse("nfs://host/dumps"), uses: [Self.card]).map(\.severity) == [.error])
  }

  @Test func aDumpOverTheNetworkNeedsTheCard() {
    let ssh = ["/etc/kdump.conf": "ssh kdump@host\n"]
    #expect(check(ssh, uses: [Self.card]).map(\.severity) == [.error])
    #expect(check(ssh, uses: [Self.root]).map(\.severity) == [.ok])
    let other = Use(
      .networkAddress(interface: "eth1", address: "10.0.0.1"), of: Examined.first, chain: ["\(Examined.first)", "eth1"])
    #expect(check(ssh, uses: [other]).map(\.severity) == [.warning])
    let unread = check(ssh, uses: []) {
      $0.crashUsage.unknown = [UnknownUse(function: Examined.first, area: .network, reason: "EACCES")]
    }
    #expect(unread.map(\.severity) == [.unknown])
  }

  @Test func modprobesOptionsAreInItsImage() throws {
    let found = try #require(
      check(cmdline: "crashkernel=256M") {
        $0.surroundings.modprobeLines = [
          ModprobeLine(
            file: "/etc/modprobe.d/v.conf", line: 1, command: .options, module: "vfio_pci", arguments: "ids=10ee:5000")
        ]
      }.first)
    #expect(found.severity == .error && found.remedy.hasSuffix("&& kdumpctl reload"))
  }

  @Test func pinsInItsImage() throws {
    func check(_ pins: [String], uses: [Use] = [], fault: String? = nil) -> [Finding] {
      self.check(["/boot/initramfs-6.12.1kdump.img": ""], cmdline: "crashkernel=256M", uses: uses) {
        $0.pins = [
          DeclaredPin(name: "a", file: "/p/a.json", functions: [Examined.first], driver: "vfio-pci", actual: .inPlace)
        ]
        $0.crashImages = [
          CrashImage(kernel: "6.12.1", path: "/boot/initramfs-6.12.1kdump.img", pins: pins, fault: fault)
        ]
      }
    }
    #expect(check([]).map(\.severity) == [.ok])
    #expect(check(["a"]).map(\.severity) == [.warning])
    #expect(check(["a"]).first?.remedy == "kdumpctl rebuild && kdumpctl reload")
    #expect(check(["a"], uses: [Self.root]).map(\.severity) == [.error])
    #expect(check([], fault: "EACCES").map(\.severity) == [.unknown])
  }

  @Test func aHostWithoutItSaysNothing() {
    #expect(Examined.examination(cmdline: "quiet \(Self.ids)").findings(.crashDump) == [])
    // The file is there by default, and no memory is kept for such a kernel.
    let files = Self.fedora.merging(["/proc/cmdline": "quiet\n"]) { $1 }
    #expect(Examined.examination(cmdline: "quiet", files).findings(.crashDump) == [])
  }

  @Test(arguments: [
    ("initramfs-6.12.1-200.fc41.x86_64kdump.img", "/boot", "6.12.1-200.fc41.x86_64"),
    ("initrd-6.4.0-default-kdump", "/boot", "6.4.0-default"),
    ("initrd.img-6.12.1-amd64", "/var/lib/kdump", "6.12.1-amd64"),
    ("initrd", "/var/lib/kdump", ""),
  ])
  func itsImagesAreNotTheHosts(name: String, folder: String, kernel: String) {
    let settings = HostSettings(reading: Written(["\(folder)/\(name)": ""]), functions: [])
    #expect(settings.crashDump?.images.map(\.kernel) == [kernel])
    #expect(settings.boot.images == [])
  }
}
