import Glibc
import Host
import PCI
import System
import Testing

@Suite("Who holds a function's device nodes")
struct HandleTests {
  private func process(_ host: CapturedHost, _ pid: Int, _ name: String, holds nodes: [String]) throws {
    try host.file("/proc/\(pid)/comm", name + "\n")
    for (number, node) in nodes.enumerated() { try host.link("/proc/\(pid)/fd/\(number)", to: node) }
  }

  @Test("an unknown driver is covered by its device node")
  func unknownDriver() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/xclmgmt/xclmgmt512", "xclmgmt", number: "239:512")
    try process(host, 812, "xbutil", holds: ["/dev/null", "socket:[77]", "/dev/xclmgmt512", "/dev/xclmgmt512"])
    try host.file("/proc/812/cgroup", "0::/system.slice/docker-4f.scope\n")
    let found = host.evidence(classCode: 0x120000, driver: .known("xclmgmt"))
    #expect(
      found.lines == [
        "open pid 812 xbutil, in docker-4f.scope, /dev/xclmgmt512: 0000:02:00.0 > xclmgmt512"
      ])
    #expect(found.descriptorsSeen == 4 && found.processesUnseen == 0)
  }

  @Test("a guest is named by QEMU's own argument, by group node and by device node", arguments: ["/dev/vfio/14"])
  func guest(_ node: String) throws {
    let host = try CapturedHost()
    try process(host, 900, "qemu-system-x86", holds: [node, "/dev/vfio/vfio", "/dev/vfio/13"])
    try host.file("/proc/900/cmdline", "/usr/bin/qemu-system-x86_64\0-name\0guest=win10,debug-threads=on\0")
    let found = host.evidence(classCode: 0x120000, driver: .known("vfio-pci"))
    #expect(
      found.lines == ["vfio-open pid 900 qemu-system-x86, guest win10: 0000:02:00.0 > \(node)"])
  }

  @Test("a kernel's own procfs gives the numbers of open devices, through whatever name")
  func kernel() throws {
    let root = try Root("/")
    let null = try #require(FileDescriptor("/dev/null"))
    let found = try root.openDevices("/proc/self/fd")
    #expect(found.devices.contains(OpenDevice(name: "/dev/null", number: .characterDevice(major: 1, minor: 3))))
    #expect(found.seen >= found.devices.count)
    withExtendedLifetime(null) {}
  }

  @Test("a guest is named by libvirt's scope if QEMU's arguments do not say")
  func domain() throws {
    let host = try CapturedHost()
    try process(host, 900, "qemu-system-x86", holds: ["/dev/vfio/14"])
    try host.file("/proc/900/cgroup", "0::/machine.slice/machine-qemu\\x2d3\\x2dwin\\x2d10.scope/libvirt/emulator\n")
    #expect(
      host.evidence(classCode: 0x120000, driver: .known("vfio-pci")).lines == [
        "vfio-open pid 900 qemu-system-x86, guest win-10: 0000:02:00.0 > /dev/vfio/14"
      ])
  }

  @Test("a guest that was given the device's own node, by name and by number")
  func deviceNode() throws {
    let host = try CapturedHost()
    try process(host, 900, "qemu", holds: ["/dev/vfio/devices/vfio3", "/dev/iommu"])
    let found = host.evidence(
      classCode: 0x120000, driver: .known("vfio-pci"), adapt: { $0.vfioDevice = .known("vfio3") })
    #expect(found.lines == ["vfio-open pid 900 qemu: 0000:02:00.0 > vfio3"])
  }

  @Test("the guest of a mediated device, by group and by node", arguments: ["/dev/vfio/31", "/dev/vfio/devices/vfio4"])
  func mediated(_ node: String) throws {
    let host = try CapturedHost()
    let uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
    try host.device("\(host.card)/\(uuid)", "mdev")
    try host.link("\(host.card)/\(uuid)/iommu_group", to: "/sys/kernel/iommu_groups/31")
    let vfio = "\(host.card)/\(uuid)/vfio-dev/vfio4"
    try host.file("\(vfio)/uevent", "MAJOR=511\nMINOR=4\nDEVNAME=vfio/devices/vfio4\n")
    try host.link("\(vfio)/subsystem", to: "/sys/class/vfio-dev")
    try process(host, 900, "qemu-kvm", holds: [node])
    try host.file("/proc/900/cmdline", "/usr/libexec/qemu-kvm\0-name\0guest=vgpu\0")
    let found = host.evidence(classCode: 0x030000, driver: .known("nvidia"), adapt: { $0.mediatedDevices = [uuid] })
    let uses = found.uses.filter { $0.kind == .vfioOpen }
    #expect(uses.map(\.subject) == ["pid 900"] && uses.map(\.detail) == ["qemu-kvm, guest vgpu"])
    #expect(uses.first?.chain.contains(uuid) == true)
  }

  @Test("a VF of the set that a guest has is reported, although it is not a member")
  func heldVirtualFunction() throws {
    let host = try CapturedHost()
    let address = try #require(Address("0000:02:10.0"))
    var virtual = Function(address: address)
    virtual.driver = .known("vfio-pci")
    virtual.iommuGroup = .known(40)
    try process(host, 900, "qemu", holds: ["/dev/vfio/40"])
    let found = host.evidence(
      classCode: 0x120000, driver: .known("any"), adapt: { $0.virtualFunctions = [address] }, others: [virtual])
    #expect(found.lines == ["vfio-open pid 900 qemu: 0000:02:10.0 > /dev/vfio/40"])
  }

  @Test("a mapping outlives the descriptor: a process with another device open is looked at")
  func mapping() throws {
    let host = try CapturedHost()
    try process(host, 61, "dpdk", holds: ["/dev/hugepages/map_0"])
    try host.file(
      "/proc/61/maps",
      "5580-5590 r-xp 00000000 08:01 12 /usr/bin/dpdk\n7f00-7f10 rw-s 00000000 00:16 77 \(host.card)/resource0\n")
    #expect(
      host.evidence(classCode: 0x120000, driver: .absent).lines == [
        "open pid 61 dpdk, \(host.card)/resource0 mapped: 0000:02:00.0 > resource0"
      ])
  }

  @Test("hostdev looks for mappings if the driver's module is in use and no process has a node open")
  func mappingAlone() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/xclmgmt/xclmgmt512", "xclmgmt", number: "239:512")
    try process(host, 62, "xbutil", holds: ["/dev/null"])
    try host.file("/proc/62/maps", "7f00-7f10 rw-s 00000000 00:05 77 /dev/xclmgmt512\n7f10-7f20 rw-p 00 00:00 0\n")
    func lines() -> [String] { host.evidence(classCode: 0x120000, driver: .known("xclmgmt")).lines }
    #expect(lines().isEmpty)
    try host.link("/sys/bus/pci/drivers/xclmgmt/module", to: "../../../../module/xclmgmt")
    try host.file("/sys/module/xclmgmt/refcnt", "1\n")
    #expect(lines() == ["open pid 62 xbutil, /dev/xclmgmt512 mapped: 0000:02:00.0 > xclmgmt512"])
    try host.link("/sys/module/xclmgmt/holders/xocl", to: "../../xocl")
    #expect(lines().isEmpty)
  }

  @Test("a render node that is held open names pid, command and container")
  func renderNode() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/drm/renderD128", "drm", number: "226:128")
    try process(host, 33, "ollama", holds: ["/dev/renderD128"])
    try host.file("/proc/33/cgroup", "0::/system.slice/docker-4f.scope\n")
    let lines = host.evidence(classCode: 0x038000, driver: .known("amdgpu")).lines
    #expect(lines.contains("open pid 33 ollama, in docker-4f.scope, /dev/renderD128: 0000:02:00.0 > renderD128"))
  }

  @Test("a program that drives the function through its memory file, with no driver at all")
  func userSpaceDriver() throws {
    let host = try CapturedHost()
    try process(host, 61, "pcimem", holds: ["\(host.card)/resource0", "\(host.card)/uevent"])
    #expect(
      host.evidence(classCode: 0x120000, driver: .absent).lines == [
        "open pid 61 pcimem, \(host.card)/resource0: 0000:02:00.0 > resource0"
      ])
  }

  @Test("who mapped the memory of a function without a driver is found with no other device open")
  func mappingOfUnbound() throws {
    let host = try CapturedHost()
    try process(host, 61, "pcimem", holds: ["/dev/null"])
    try host.file("/proc/61/maps", "7f00-7f10 rw-s 00000000 00:16 77 \(host.card)/resource0\n")
    func lines(_ driver: Fact<String>) -> [String] { host.evidence(classCode: 0x120000, driver: driver).lines }
    #expect(lines(.absent) == ["open pid 61 pcimem, \(host.card)/resource0 mapped: 0000:02:00.0 > resource0"])
    #expect(lines(.known("any")).isEmpty)
  }

  @Test("NVIDIA's node, of which sysfs knows nothing, is the card's by what its driver says")
  func nvidia() throws {
    let host = try CapturedHost()
    try process(host, 70, "python3", holds: ["/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia1"])
    func lines() -> [String] { host.evidence(classCode: 0x030200, driver: .known("nvidia")).lines }
    #expect(!lines().contains { $0.hasPrefix("open") })
    try host.file(
      "/proc/driver/nvidia/gpus/0000:02:00.0/information",
      "Model: \t\t NVIDIA A10\nIRQ:   \t\t 142\nDevice Minor: \t 1\nGPU Excluded:\t No\n")
    #expect(lines().filter { $0.hasPrefix("open") } == ["open pid 70 python3, /dev/nvidia1: 0000:02:00.0 > nvidia1"])
  }

  @Test("a unit of a user's own manager is named with its user")
  func userUnit() throws {
    let host = try CapturedHost()
    try process(host, 61, "pcimem", holds: ["\(host.card)/resource0"])
    try host.file(
      "/proc/61/cgroup", "0::/user.slice/user-1000.slice/user@1000.service/session.slice/pipewire.service\n")
    let found = host.evidence(classCode: 0x120000, driver: .absent)
    #expect(
      found.lines == [
        "open pid 61 pcimem, in pipewire.service of user 1000, \(host.card)/resource0: 0000:02:00.0 > resource0"
      ])
    #expect(
      FindingTests.findings(.heldOpen, found).map(\.remedy) == [
        "systemctl --user --machine=1000@ stop pipewire.service"
      ])
  }

  @Test("the host's init is never to be killed; its watchdog is given up")
  func initHoldsWatchdog() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/watchdog/watchdog0", "watchdog", number: "248:0")
    try process(host, 1, "systemd", holds: ["/dev/watchdog0"])
    let found = FindingTests.findings(.heldOpen, host.evidence(classCode: 0x088000, driver: .known("any")))
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.remedy.contains("RuntimeWatchdogSec=0") && !$0.remedy.contains("kill") })
  }

  @Test("a logical volume that a process has open holds the disk below it")
  func openVolume() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 0)
    try host.stacked("dm-3", on: ["nvme0n1"], number: "254:3", mapped: "vg-guest")
    try process(host, 5, "qemu", holds: ["/dev/dm-3"])
    #expect(
      host.evidence().lines.contains("open pid 5 qemu, /dev/dm-3: 0000:02:00.0 > nvme0 > nvme0n1 > dm-3 (vg-guest)"))
  }

  @Test("a host whose processes are not shown leaves holders unknown; a capture has none")
  func unknownHolders() throws {
    let host = try CapturedHost()
    #expect(host.evidence(classCode: 0x120000, driver: .absent, isRehearsal: false).unknown.map(\.area) == [.holders])
    #expect(host.evidence(classCode: 0x120000, driver: .absent).unknown.isEmpty)
  }

  @Test("a user who is shown his own processes alone cannot tell who holds what")
  func hiddenProcesses() throws {
    let host = try CapturedHost()
    try process(host, 900, "bash", holds: [])
    let doubts = host.evidence(classCode: 0x120000, driver: .absent, isRehearsal: false).unknown
    #expect(doubts.map(\.area) == [.holders])
    try process(host, 1, "systemd", holds: [])
    try host.link("/proc/1/fd/9", to: "/dev/null")
    try host.link("/proc/900/fd/9", to: "/dev/null")
    #expect(host.evidence(classCode: 0x120000, driver: .absent, isRehearsal: false).unknown.isEmpty)
  }

  @Test("a mount that only another namespace sees names the process")
  func otherNamespace() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try process(host, 77, "postgres", holds: [])
    try host.link("/proc/self/ns/mnt", to: "mnt:[1]")
    try host.link("/proc/77/ns/mnt", to: "mnt:[2]")
    try host.file("/proc/77/mountinfo", "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(
      host.evidence().lines == [
        "mount /dev/nvme0n1p1 /, seen by pid 77 (postgres): 0000:02:00.0 > nvme0 > nvme0n1 > nvme0n1p1"
      ])
  }
}

/// An open file.
private final class FileDescriptor {
  private let number: Int32

  init?(_ path: String) {
    number = open(path, O_RDONLY | O_CLOEXEC)
    if number < 0 { return nil }
  }

  deinit { close(number) }
}
