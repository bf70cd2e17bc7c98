import Checks
import Host
import HostUse
import PCI
import Testing

@Suite("Findings on the host's use have the fact, its chain, and commands that can be pasted")
struct FindingTests {
  /// Findings of a code for the function of `CapturedHost`, after its evidence.
  static func findings(
    _ code: FindingCode, _ usage: Usage, adapt: (inout Function) -> Void = { _ in }, others: [Function] = [],
    intent: Intent = .assign(driver: "vfio-pci"), around: Surroundings = Surroundings()
  ) -> [Finding] {
    var function = Function(address: CapturedHost.address)
    function.classCode = .known(ClassCode(0x120000))
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(0x5000)
    adapt(&function)
    let host = Host(
      functions: [function] + others, groups: [:], groupsReadable: true, rootBuses: .known([]))
    let situation = Situation(
      host: host, set: [function.address], intent: intent, usage: usage, surroundings: around, isRehearsal: true)
    return Assessment(of: situation).findings.filter { $0.code == code }
  }

  private static func other(_ address: String, driver: String? = nil) throws -> Function {
    var function = Function(address: try #require(Address(address)))
    function.driver = driver.map { .known($0) } ?? .absent
    return function
  }

  @Test("storage: what uses it, uppermost first, with the commands that end the use")
  func storage() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.stacked("md0", on: ["nvme0n1p1"], number: "9:0")
    try host.stacked("dm-0", on: ["md0"], number: "254:0", mapped: "vg0-home")
    try host.file("/proc/self/mountinfo", "22 1 254:0 / /my\\040home rw - ext4 /dev/mapper/vg0-home rw\n")
    let finding = try #require(Self.findings(.rootStorage, host.evidence()).first)
    #expect(finding.severity == .error && finding.isForceable)
    #expect(
      finding.evidence.contains(
        "0000:02:00.0 → nvme0 → nvme0n1 → nvme0n1p1 → md0 → dm-0 (vg0-home): mount /my home"))
    #expect(
      finding.remedy
        == "umount '/my home' && dmsetup remove vg0-home && mdadm --stop /dev/md0; or, if its data may be lost: --force=root-storage"
    )
  }

  @Test("storage: a mount of a container is ended in its namespace, the root file system not at all")
  func storageRemedies() throws {
    let host = try CapturedHost()
    try host.nvme(partitions: 1)
    try host.link("/proc/self/ns/mnt", to: "mnt:[1]")
    try host.link("/proc/77/ns/mnt", to: "mnt:[2]")
    try host.file("/proc/77/comm", "postgres\n")
    try host.file("/proc/77/mountinfo", "1 0 259:1 / /data rw - ext4 /dev/nvme0n1p1 rw\n")
    #expect(
      Self.findings(.rootStorage, host.evidence()).map(\.remedy) == [
        "nsenter -t 77 -m umount /data; or, if its data may be lost: --force=root-storage"
      ])
    try host.file("/proc/self/mountinfo", "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n")
    let finding = try #require(Self.findings(.rootStorage, host.evidence()).first)
    #expect(!finding.isForceable)
  }

  @Test("network: the message names the SSH connection that the command was typed through")
  func ssh() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/net/enp2s0", "net")
    try host.file(
      "/proc/net/route", "Iface D G F R U M Mask\nenp2s0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n")
    let usage = host.evidence(
      classCode: 0x020000, driver: .known("e1000e"), ssh: "198.51.100.7 5000 192.0.2.10 22")
    let finding = try #require(Self.findings(.hostNetwork, usage).first)
    #expect(
      finding.message == "Your SSH connection runs over 0000:02:00.0. Without it you lose this session.")
    #expect(
      finding.remedy == "Move its addresses and routes to another interface first; then: ip addr flush dev enp2s0")
  }

  @Test("display: who has a render node open is told")
  func display() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/drm/renderD128", "drm", number: "226:128")
    try host.link("/proc/33/fd/5", to: "/dev/renderD128")
    try host.file("/proc/33/comm", "ollama\n")
    try host.file("/proc/33/cgroup", "0::/system.slice/ollama.service\n")
    let usage = host.evidence(classCode: 0x030000, driver: .known("amdgpu"))
    let finding = try #require(Self.findings(.hostDisplay, usage).first)
    #expect(
      finding.evidence.contains { $0.value.contains("renderD128: open ollama, in ollama.service, /dev/renderD128") })
    let held = try #require(Self.findings(.heldOpen, usage).first)
    #expect(held.message.hasPrefix("pid 33 (ollama, in ollama.service, /dev/renderD128) has a device node of"))
    #expect(held.remedy == "systemctl stop ollama.service")
  }

  @Test("USB: what is plugged in is named, a UPS is the host's")
  func usb() throws {
    let host = try CapturedHost()
    try host.device("\(host.card)/usb1/1-3", "usb", type: "usb_device")
    try host.file("\(host.card)/usb1/1-3/product", "Back-UPS\n")
    func found(_ code: FindingCode) -> Finding? {
      Self.findings(code, host.evidence(classCode: 0x0c0330, driver: .known("xhci_hcd"))).first
    }
    #expect(found(.hostInput)?.severity == .info)
    #expect(found(.hostInput)?.message == "The host also loses what is plugged into 0000:02:00.0: Back-UPS.")
    #expect(found(.hostConsole) == nil)
    try host.device("\(host.card)/usb1/1-3/1-3:1.0/0003:051D:0002.0001", "hid")
    try host.file("\(host.card)/usb1/1-3/1-3:1.0/0003:051D:0002.0001/report_descriptor", [0x05, 0x84])
    #expect(
      found(.hostConsole)?.message == "The host loses its UPS, which is on 0000:02:00.0.")
  }

  @Test("a guest's name makes the command that shuts it down")
  func guest() throws {
    let host = try CapturedHost()
    try host.link("/proc/900/fd/5", to: "/dev/vfio/14")
    try host.file("/proc/900/comm", "qemu-system-x86\n")
    try host.file("/proc/900/cmdline", "/usr/bin/qemu-system-x86_64\0-name\0guest=win10,debug-threads=on\0")
    let usage = host.evidence(classCode: 0x120000, driver: .known("vfio-pci"))
    let finding = try #require(
      Self.findings(.guestRunning, usage, intent: .release(all: false)).first)
    #expect(finding.remedy == "virsh shutdown win10" && !finding.isForceable)
  }

  @Test("mediated devices: which guest has one")
  func mediated() throws {
    let host = try CapturedHost()
    let uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
    try host.link("\(host.card)/\(uuid)/iommu_group", to: "/sys/kernel/iommu_groups/31")
    try host.link("/proc/900/fd/5", to: "/dev/vfio/31")
    try host.file("/proc/900/comm", "qemu-kvm\n")
    try host.file("/proc/900/cmdline", "qemu-kvm\0-name\0guest=vgpu\0")
    let adapt: (inout Function) -> Void = { $0.mediatedDevices = [uuid] }
    let usage = host.evidence(driver: .known("nvidia"), adapt: adapt)
    let finding = try #require(Self.findings(.hasMediatedDevices, usage, adapt: adapt).first)
    #expect(finding.message.hasSuffix("In use by pid 900 (qemu-kvm, guest vgpu)."))
    #expect(finding.remedy == "virsh shutdown vgpu; mdevctl stop -u \(uuid)")
  }

  @Test("VFs: the one that a guest holds is named; a VF whose PF is on VFIO cannot be opened")
  func virtualFunctions() throws {
    let host = try CapturedHost()
    var virtual = try Self.other("0000:02:10.0", driver: "vfio-pci")
    virtual.iommuGroup = .known(40)
    try host.link("/proc/900/fd/5", to: "/dev/vfio/40")
    try host.file("/proc/900/comm", "qemu\n")
    let address = virtual.address
    let adapt: (inout Function) -> Void = { $0.virtualFunctions = [address] }
    let usage = host.evidence(classCode: 0x020000, driver: .known("any"), adapt: adapt, others: [virtual])
    let finding = try #require(Self.findings(.hasVFs, usage, adapt: adapt, others: [virtual]).first)
    #expect(finding.message.hasSuffix("In use: 0000:02:10.0 on vfio-pci, open in pid 900 (qemu)."))
    #expect(Self.findings(.vfWithoutPF, usage, adapt: adapt, others: [virtual]).map(\.severity) == [.error])
    let physical = try Self.other("0000:02:00.1", driver: "vfio-pci")
    #expect(
      Self.findings(
        .vfToken, Usage(), adapt: { $0.physicalFunction = .known(physical.address) }, others: [physical]
      ).map(\.remedy) == ["hostdev release 0000:02:00.1"])
  }

  @Test("device links: a consumer that stays, and a supplier that stays, are an error")
  func deviceLinks() throws {
    let consumer = try Self.other("0000:02:00.1", driver: "snd_hda_intel")
    let left = Self.findings(
      .splitCompanion, Usage(), adapt: { $0.consumers = [consumer.address] }, others: [consumer])
    #expect(left.map(\.evidence) == [["/sys/bus/pci/devices/0000:02:00.0/consumer:pci:0000:02:00.1"]])
    var supplier = try Self.other("0000:02:00.2", driver: "any")
    supplier.consumers = [CapturedHost.address]
    let above = Self.findings(.splitCompanion, Usage(), others: [supplier])
    #expect(above.map(\.evidence) == [["/sys/bus/pci/devices/0000:02:00.0/supplier:pci:0000:02:00.2"]])
    #expect(above.map(\.severity) == [.error])
  }

  @Test("sleep and fatal errors are told from attributes that wake nothing")
  func conditions() throws {
    let host = try CapturedHost()
    try host.file("\(host.card)/d3cold_allowed", "1\n")
    try host.file("\(host.card)/power/runtime_status", "suspended\n")
    try host.file("\(host.card)/aer_dev_fatal", "Undefined 0\nDLP 2\nTOTAL_ERR_FATAL 2\n")
    let usage = host.evidence(classCode: 0x120000, driver: .absent)
    let asleep = try #require(Self.findings(.asleep, usage, adapt: { $0.powerState = .known("D3cold") }).first)
    #expect(asleep.severity == .warning && asleep.remedy == "hostdev show --wake 0000:02:00.0")
    #expect(asleep.evidence.count == 3 && asleep.evidence[2].value.hasSuffix("power/runtime_status: suspended"))
    #expect(Self.findings(.asleep, usage, adapt: { $0.powerState = .known("D3hot") }).isEmpty)
    let fatal = try #require(Self.findings(.fatalErrors, usage).first)
    #expect(
      fatal.severity == .warning
        && fatal.evidence == ["/sys/bus/pci/devices/0000:02:00.0/aer_dev_fatal: TOTAL_ERR_FATAL 2"])
    try host.file("\(host.card)/aer_dev_fatal", "TOTAL_ERR_FATAL 0\n")
    #expect(Self.findings(.fatalErrors, host.evidence(classCode: 0x120000, driver: .absent)).isEmpty)
  }

  @Test(
    "a module that cannot be loaded, by each of the reasons",
    arguments: ["missing", "disabled", "blacklist", "install", "pattern", "none", "other pattern", "alias", "loaded"])
  func moduleMissing(_ reason: String) throws {
    let host = try CapturedHost()
    try host.file("/proc/sys/kernel/osrelease", "6.1.0\n")
    try host.file("/proc/cmdline", reason == "blacklist" ? "quiet module_blacklist=nouveau,vfio-pci\n" : "quiet\n")
    try host.file("/lib/modules/6.1.0/modules.dep", reason == "missing" ? "\n" : "kernel/vfio-pci.ko:\n")
    if reason == "disabled" { try host.file("/proc/sys/kernel/modules_disabled", "1\n") }
    if reason == "install" { try host.file("/etc/modprobe.d/x.conf", "\ninstall vfio-pci /bin/false\n") }
    if reason == "pattern" { try host.file("/etc/modprobe.d/x.conf", "install vfio[-_]p* /bin/false\n") }
    if reason == "other pattern" { try host.file("/etc/modprobe.d/x.conf", "install vfio[!-_]p* /bin/false\n") }
    if reason == "alias" { try host.file("/etc/modprobe.d/x.conf", "blacklist vfio-pci\n") }
    if reason == "loaded" {
      try host.folder("/sys/module/vfio_pci")
      try host.file("/proc/sys/kernel/modules_disabled", "1\n")
    }
    let found = Self.findings(.moduleMissing, Usage(), around: host.surroundings(isRehearsal: false))
    let isFound = !["none", "other pattern", "alias", "loaded"].contains(reason)
    #expect(found.count == (isFound ? 1 : 0))
    #expect(found.allSatisfy { $0.severity == .error && !$0.isForceable })
    if reason == "install" {
      #expect(found.first?.evidence.map(\.description) == ["/etc/modprobe.d/x.conf:2: install vfio_pci /bin/false"])
      #expect(found.first?.remedy == "sed -i '2s/^/#/' /etc/modprobe.d/x.conf")
    }
    // If it is there already, nothing is loaded.
    #expect(
      Self.findings(
        .moduleMissing, Usage(), adapt: { $0.driver = .known("vfio-pci") },
        around: host.surroundings(isRehearsal: false)
      ).isEmpty)
  }

  @Test("a line of modprobe.d that gives this function to vfio-pci is told by file and line; another id's is not")
  func moduleOptions() throws {
    let host = try CapturedHost()
    try host.file(
      "/etc/modprobe.d/vfio.conf", "# note\noptions vfio-pci ids=8086:1521,10ee:5000:ffff:0 disable_vga=1\n")
    func found(_ intent: Intent) -> [Finding] {
      Self.findings(.moduleOptions, Usage(), intent: intent, around: host.surroundings())
    }
    let finding = try #require(found(.assign(driver: "vfio-pci")).first)
    #expect(finding.severity == .warning)
    #expect(
      finding.evidence.map(\.description) == [
        "/etc/modprobe.d/vfio.conf:2: options vfio_pci ids=8086:1521,10ee:5000:ffff:0 disable_vga=1"
      ])
    #expect(found(.release(all: false)).count == 1)
    try host.file("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=10ee:5001\ninstall vfio-pci /sbin/my-script\n")
    #expect(
      found(.assign(driver: "vfio-pci")).map(\.evidence).map { $0.map(\.description) } == [
        ["/etc/modprobe.d/vfio.conf:2: install vfio_pci /sbin/my-script"]
      ])
    #expect(found(.release(all: false)).isEmpty)
  }

  @Test("lockdown matters if vfio-pci has yet to be loaded")
  func lockdown() throws {
    let host = try CapturedHost()
    try host.file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
    try host.file("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", [6, 0, 0, 0, 1])
    let found = Self.findings(.lockdown, Usage(), around: host.surroundings())
    #expect(
      found.map(\.evidence).map { $0.map(\.description) } == [
        ["/sys/kernel/security/lockdown: integrity", "Secure Boot is on (EFI variable SecureBoot: 1)"]
      ])
    #expect(found.map(\.severity) == [.info])
    try host.folder("/sys/module/vfio_pci")
    #expect(Self.findings(.lockdown, Usage(), around: host.surroundings()).isEmpty)
  }

  @Test(
    "a controller of disks is reported like a disk; for a USB controller the severity is info",
    arguments: [(0x0c0400, "error"), (0x080501, "error"), (0x0c0330, "info"), (0x020000, "")])
  func guestDataBehind(_ code: UInt32, _ severity: String) throws {
    let found = Self.findings(
      .guestData, Usage(), adapt: { $0.classCode = .known(ClassCode(code)) }, intent: .release(all: true))
    #expect(found.map(\.severity.rawValue) == (severity.isEmpty ? [] : [severity]))
  }

  @Test("storage that comes back from a guest can be kept from every driver by the command that is offered")
  func guestData() throws {
    let found = Self.findings(
      .guestData, Usage(), adapt: { $0.classCode = .known(ClassCode(0x010802)) }, intent: .release(all: true))
    #expect(found.map(\.severity) == [.error])
    #expect(found.first?.remedy.hasSuffix("hostdev release --leave-unbound 0000:02:00.0") == true)
  }
}
