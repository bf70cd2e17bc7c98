import Host
import PCI
import TestSupport
import Testing

@testable import Checks

@Suite("What the host uses, and a tool is about to take")
struct ClaimedUsesTests {
  private static let root = Use(
    .mount(device: "/dev/nvme0n1p2", on: Use.MountPoint("/")), of: Examined.first, chain: ["nvme0n1p2"], isVital: true)
  private static let route = Use(
    .defaultRoute(interface: "eth0", route: "default"), of: Examined.first, chain: ["eth0"])
  private static let process = Use(
    .open(Use.Process(7, command: "smartd"), Use.Node("/dev/nvme0")), of: Examined.first, chain: ["nvme0"])

  /// With the uses of 01:00.0 given to every claim on it, as the program gathers them.
  private func errors(
    _ files: [String: String], cmdline: String = "quiet", driver: String? = "nvme", uses: [Use] = [root],
    _ change: (inout Examination) -> Void = { _ in }
  ) -> [Finding] {
    readiness(files, cmdline: cmdline, driver: driver, uses: uses, change).findings.filter { $0.severity == .error }
  }

  private func readiness(
    _ files: [String: String], cmdline: String = "quiet", driver: String? = "nvme", uses: [Use] = [root],
    _ change: (inout Examination) -> Void = { _ in }
  ) -> Readiness {
    Readiness(
      of: Examined.examination(driver: driver, cmdline: cmdline, files) {
        change(&$0)
        for set in $0.takenSets { $0.claimedUsage[set] = Usage(uses: uses.filter { set.contains($0.function) }) }
      })
  }

  private static func domain(_ devices: String) -> String { "<domain>\n<devices>\n\(devices)\n</devices>\n</domain>\n" }
  private static func address(_ function: Int) -> String { "<address bus='1' slot='0' function='\(function)'/>" }
  private static let hostdev =
    "<hostdev mode='subsystem' type='pci' managed='yes'><source>\(address(0))</source></hostdev>"
  private static let nvme = "<source type='pci' managed='yes'>\(address(0))</source>"
  private static let nas = "/etc/libvirt/qemu/nas.xml"
  private static let pve = "/etc/pve/qemu-server/100.conf"

  @Test(
    "every claim on the root disk is an error with its line, and says when and how to stop it",
    arguments: [
      (["/etc/kernel/cmdline": "vfio-pci.ids=10ee:5000"], "/etc/kernel/cmdline:1", "At the next boot", "sed -i"),
      (
        ["/boot/loader/entries/a.conf": "options pci-stub.ids=10ee:5000"], "/boot/loader/entries/a.conf:1",
        "At the next boot", "sed -i"
      ),
      (
        ["/etc/initramfs-tools/modules": "vfio-pci ids=10ee:5000\n"], "/etc/initramfs-tools/modules:1",
        "At the next boot", "sed -i"
      ),
      (["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"], "/etc/driverctl.d/pci-0000:01:00.0:1", "driverctl", "rm "),
      (
        ["/etc/udev/rules.d/9.rules": "KERNEL==\"0000:01:00.0\", ATTR{driver_override}=\"vfio-pci\"\n"],
        "/etc/udev/rules.d/9.rules:1", "udev rule", "udevadm control --reload"
      ),
      ([nas: domain(hostdev)], "\(nas):3", "as domain nas starts.", "virsh edit nas"),
      (
        [nas: domain(hostdev), "/etc/libvirt/qemu/autostart/nas.xml": ""], "\(nas):3", "at boot (autostart)",
        "virsh autostart --disable nas"
      ),
      (
        [nas: domain("<disk type='nvme'><source type='pci' managed='yes'>\(address(0))</source></disk>")], "\(nas):3",
        "as domain nas starts.", "virsh edit nas"
      ),
      (
        [
          nas: domain("<interface type='network'><source network='vfs'/></interface>"),
          "/etc/libvirt/qemu/networks/vfs.xml":
            "<network><forward mode='hostdev' managed='yes'>\(address(0))</forward></network>",
        ], "\(nas):3", "as domain nas starts.", "out of the network: virsh net-edit vfs"
      ),
      (
        [nas: domain("<disk type='file'><backingStore type='nvme'>\n\(nvme)</backingStore></disk>")], "\(nas):3",
        "as domain nas starts.", "virsh edit nas"
      ),
      (
        [nas: domain("<disk type='file'><mirror type='nvme' job='copy'>\(nvme)</mirror></disk>")], "\(nas):3",
        "as domain nas starts.", "virsh edit nas"
      ),
      (
        [nas: domain("<disk type='file'><source file='x'><dataStore type='nvme'>\(nvme)</dataStore></source></disk>")],
        "\(nas):3", "as domain nas starts.", "virsh edit nas"
      ),
      ([pve: "hostpci0: 01:00.0\n"], "\(pve):1", "as VM 100 starts.", "qm set 100 --delete hostpci0"),
      ([pve: "hostpci0: 01:00,pcie=1\nonboot: 1\n"], "\(pve):1", "at boot (onboot)", "qm set 100 --delete hostpci0"),
      (
        [pve: "hostpci0: mapping=disk\n", "/etc/pve/mapping/pci.cfg": "disk\n\tmap id=10ee:5000,path=0000:01:00.0\n"],
        "\(pve):1", "as VM 100 starts.", "qm set 100 --delete hostpci0"
      ),
      ([pve: "onboot: 1\n[PENDING]\nhostpci1: 01:00.0\n"], "\(pve):3", "at boot (onboot)", "--delete hostpci1"),
    ])
  func rootDisk(files: [String: String], place: String, when: String, remedy: String) throws {
    let found = errors(files)
    #expect(found.map(\.code) == [.rootStorage])
    let error = try #require(found.first)
    #expect(error.functions == [Examined.first])
    #expect(error.evidence.first?.path == place)
    #expect(error.evidence.contains { $0.value.contains("mount /") })
    #expect(error.message.contains(when) && error.remedy.contains(remedy), "\(error)")
  }

  @Test("ids= of modprobe.d, and a pin")
  func others() {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/a.conf", line: 1, command: .options, module: "vfio_pci", arguments: "ids=\"10ee:5000\"")
    #expect(errors([:]) { $0.surroundings.modprobeLines = [line] }.map(\.code) == [.rootStorage])
    func pin(_ forced: Set<FindingCode>) -> (inout Examination) -> Void {
      {
        $0.pins = [
          DeclaredPin(
            name: "a", file: "/p", functions: [Examined.first], driver: "vfio-pci",
            actual: .drifted(reason: "x", evidence: []), forced: forced)
        ]
      }
    }
    #expect(errors([:], pin([])).map(\.remedy) == ["hostdev unpin a"])
    // What the administrator overruled is meant; what cannot be overruled stays.
    #expect(errors([:], uses: [Self.route], pin([.hostNetwork])) == [])
    #expect(errors([:], pin([.rootStorage])).map(\.code) == [.rootStorage])
  }

  private static let entry = [
    "/boot/loader/loader.conf": "default a.conf\n", "/boot/loader/entries/a.conf": "linux /k\noptions root=x\n",
  ]
  private static let menu = ["/boot/grub/grub.cfg": "linux /v root=x\n"]

  @Test(
    "a word that waits in a file is taken out of it, and nothing that is advised carries it on",
    arguments: [
      (["/etc/kernel/cmdline": "root=x iommu=pt vfio-pci.ids=10ee:5000\n"], entry, "sed -i"),
      (["/etc/cmdline.d/a.conf": "iommu=pt xen-pciback.hide=(01:00.0)\n"], entry, "sed -i"),
      (["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt pci-stub.ids=10ee:5000\"\n"], menu, "sed -i"),
      (
        [
          "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n",
          "/etc/default/grub.d/a.cfg": "GRUB_CMDLINE_LINUX_DEFAULT=\"vfio-pci.ids=10ee:5000\"\n",
        ], menu, "sed -i"
      ),
      (
        [
          "/etc/kernel/cmdline": "vfio-pci.ids=10ee:5000\n", "/run/ostree-booted": "",
          "/boot/grub2/grub.cfg": "blscfg\n",
        ],
        entry, "sed -i"
      ),
    ])
  func waiting(files: [String: String], made: [String: String], remedy: String) throws {
    let all = files.merging(made) { $1 }
    let error = try #require(errors(all).first)
    #expect(errors(all).count == 1 && error.code == .rootStorage)
    #expect(error.message.hasPrefix("When the boot loader's configuration is made again, a kernel argument"))
    #expect(error.remedy.hasPrefix(remedy) && !error.remedy.contains("&&"), "\(error)")
    var examination = Examined.examination(driver: "nvme", all)
    for set in examination.takenSets { examination.claimedUsage[set] = Usage(uses: [Self.root]) }
    for drift in examination.findings(.bootDrift) where drift.severity == .warning {
      #expect(drift.remedy.hasPrefix(error.remedy), "\(drift)")
      #expect(drift.message.hasPrefix("iommu=pt") == (drift.remedy != error.remedy), "\(drift)")
    }
    // Of a card that the host does not use it is boot-drift alone.
    #expect(errors(all, uses: []) == [])
    let drift = Examined.examination(driver: "nvme", all).findings(.bootDrift)
    #expect(!drift.isEmpty && drift.allSatisfy { $0.severity == .warning && !$0.remedy.hasPrefix("sed -i") })
  }

  @Test("which entry boots is unknown: any of them may take it")
  func possible() {
    let entries = [
      "/boot/loader/loader.conf": "default @saved\n", "/boot/loader/entries/a.conf": "linux /k\noptions root=x\n",
      "/boot/loader/entries/b.conf": "linux /k\noptions vfio-pci.ids=10ee:5000\n",
    ]
    #expect(errors(entries).map(\.code) == [.rootStorage])
    #expect(errors(entries.merging(["/boot/loader/loader.conf": "default a.conf\n"]) { $1 }) == [])
  }

  @Test("what is written wrong and means the root disk is taken out, not corrected")
  func slips() throws {
    for (code, cmdline, files) in [
      (FindingCode.bootClaim, "vfio-pci-ids=10ee:5000", [:]), (.bootClaim, "vfio-pci.ids=0000:01:00.0", [:]),
      (.bootClaim, "quiet", ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"vfio-pci-ids=10ee:5000\"\n"]),
      (.moduleOptions, "quiet", ["/etc/modprobe.d/a": "options vfio-pci ids=10ee:5000\n"]),
    ] as [(FindingCode, String, [String: String])] {
      func found(_ uses: [Use]) throws -> Finding {
        try #require(
          Examined.examination(driver: "nvme", cmdline: cmdline, files) {
            for set in $0.takenSets { $0.claimedUsage[set] = Usage(uses: uses) }
          }.findings(code).first { $0.severity == .warning })
      }
      let slip = try found([Self.root])
      #expect(slip.message.contains("The host uses what it means"))
      #expect(!slip.remedy.contains("Write it so") && !slip.remedy.contains("hostdev pin"), "\(slip)")
      #expect(try found([]).remedy.contains("Write it so: "))
    }
  }

  @Test("an address is pinned, if its ids are another card's as well")
  func addressOfATwin() throws {
    let slip = try #require(
      Examined.examination(other: 0x5000, cmdline: "vfio-pci.ids=0000:01:00.0").finding(.bootClaim))
    #expect(slip.remedy == "Pin what it means, which needs no ids: hostdev pin NAME 0000:01:00.0")
  }

  @Test("any use that check refuses")
  func otherUses() {
    let files = ["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"]
    #expect(errors(files, uses: [Self.route]).map(\.code) == [.hostNetwork])
    // A process of now does not run at the next boot; a guest may start at any time.
    #expect(errors(files, uses: [Self.process]) == [])
    #expect(errors([Self.nas: Self.domain(Self.hostdev)], uses: [Self.process]).map(\.code) == [.heldOpen])
  }

  @Test(
    "claims that take nothing from the host",
    arguments: [
      [nas: domain(hostdev.replacing("'yes'", with: "'no'"))],
      [nas: domain("<metadata>\(hostdev)</metadata>")],
      [
        "/etc/libvirt/qemu/networks/vfs.xml":
          "<network><forward mode='hostdev' managed='yes'>\(address(0))</forward></network>"
      ],
      [pve: "hostpci0: 01:00.0,mdev=nvidia-63\n"], [pve: "template: 1\nhostpci0: 01:00.0\n"],
      [pve: "onboot: 1\n[snap]\nhostpci0: 01:00.0\n"], [pve: "hostpci0: 01:00.0\n[PENDING]\ndelete: hostpci0\n"],
      ["/etc/driverctl.d/pci-0000:01:00.0": "nvme\n"], ["/etc/driverctl.d/pci-0000:02:00.0": "vfio-pci\n"],
      ["/etc/kernel/cmdline": "vfio-pci.ids=10ee:5001"],
    ])
  func controls(files: [String: String]) { #expect(errors(files) == []) }

  // MARK: Who writes to sysfs

  private static let function = "/sys/bus/pci/devices/0000:01:00.0"
  private static let unit = "/etc/systemd/system/early.service"
  private static let wanted = "/etc/systemd/system/multi-user.target.wants/early.service"
  private static let helper = "/usr/local/sbin/early"
  private static func service(_ command: String) -> [String: String] {
    let text = "[Service]\nExecStart=\(command)\n"
    return [unit: text, wanted: text]
  }
  private static func rule(_ text: String) -> [String: String] {
    ["/etc/udev/rules.d/9.rules": "SUBSYSTEM==\"pci\", KERNEL==\"0000:01:00.0\", \(text)\n"]
  }

  private static let writers: [[String: String]] = [
    rule("ATTR{remove}=\"1\""), rule("ATTR{driver/unbind}=\"$kernel\""),
    rule("RUN+=\"/bin/sh -c 'echo %k > /sys/bus/pci/drivers/nvme/unbind'\""),
    rule("RUN+=\"/usr/bin/virsh nodedev-detach pci_0000_01_00_0\""),
    rule("RUN+=\"\(helper) %k\"").merging([helper: "#!/bin/sh\necho $1 > /sys/bus/pci/drivers/nvme/unbind\n"]) { $1 },
    rule("RUN+=\"/bin/sh -c 'echo 10ee 5000 > /sys/bus/pci/drivers/vfio-pci/new_id'\""),
    ["/usr/lib/udev/rules.d/9.rules": "ATTR{device}==\"0x5000\", ATTR{remove}=\"1\"\n"],
    [
      "/run/udev/rules.d/9.rules":
        "ATTR{vendor}==\"0x10ee\", ATTR{device}==\"0x5000\", ATTR{driver_override}=\"vfio-pci\"\n"
    ],
    service("/bin/sh -c 'echo 1 > \(function)/remove'"),
    service("/bin/sh -c 'echo vfio-pci > \(function)/driver_override'"),
    service("-/usr/bin/driverctl --nosave set-override 0000:01:00.0 vfio-pci"),
    ["/etc/rc.local": "cd \(function)/driver\necho 0000:01:00.0 > unbind\n"],
    service("/usr/bin/dpdk-devbind.py --bind=vfio-pci 0000:01:00.0"),
    service("/usr/sbin/modprobe vfio-pci ids=10ee:5000"),
    service(helper).merging([
      helper: "#!/bin/bash\nDEVS=(0000:01:00.0)\nfor dev in \"${DEVS[@]}\"; do\n"
        + "  echo \"$dev\" > /sys/bus/pci/devices/$dev/driver/unbind\ndone\n"
    ]) { $1 },
    [
      "/etc/systemd/system/early@.service": "[Service]\nExecStart=/usr/bin/virsh nodedev-detach %i\n",
      "/etc/systemd/system/multi-user.target.wants/early@pci_0000_01_00_0.service": "x\n",
    ],
    [
      "/usr/lib/systemd/system/late.service": "[Service]\nExecStart=/bin/sh \\\n  -c 'echo 1 > \(function)/remove'\n",
      "/usr/lib/systemd/system/late.timer": "[Timer]\nOnBootSec=1\n",
      "/etc/systemd/system/timers.target.wants/late.timer": "[Timer]\nOnBootSec=1\n",
    ],
    ["/etc/rc.local": "#!/bin/sh\nBDF=0000:01:00.0\necho -n $BDF | tee /sys/bus/pci/drivers/nvme/unbind\nexit 0\n"],
    ["/etc/rc.local": "#!/bin/sh\necho 1 > /sys/bus/pci/devices/0000:01:00.*/remove\n"],
    ["/etc/crontab": "@reboot root echo 0000:01:00.0 > /sys/bus/pci/drivers/nvme/unbind\n"],
    ["/etc/network/interfaces": "iface lo inet loopback\n  pre-up echo 1 > \(function)/remove\n"],
    ["/etc/NetworkManager/dispatcher.d/10-x": "#!/bin/sh\nvirsh nodedev-detach pci_0000_01_00_0\n"],
    [
      "/etc/initramfs-tools/scripts/init-top/vfio": "#!/bin/sh\nfor d in 0000:01:00.0 0000:02:00.0\ndo\n"
        + "echo vfio-pci > /sys/bus/pci/devices/$d/driver_override\ndone\nmodprobe -i vfio-pci\n"
    ],
    ["/usr/lib/dracut/modules.d/50mine/pci.sh": "#!/bin/sh\necho vfio-pci > \(function)/driver_override\n"],
    ["/etc/modprobe.d/x.conf": "install nvme /bin/sh -c 'echo vfio-pci > \(function)/driver_override'\n"],
    ["/etc/tmpfiles.d/x.conf": "w \(function)/driver_override - - - - vfio-pci\n"],
    ["/etc/sysfs.d/x.conf": "bus/pci/devices/0000:01:00.0/driver_override = vfio-pci\n"],
    ["/etc/dpdk/interfaces": "# x\npci 0000:01:00.0 vfio-pci\n"],
    [
      "/etc/libvirt/hooks/qemu": "#!/bin/bash\nif [ \"$1\" = win ]; then\n  virsh nodedev-detach pci_0000_01_00_0\nfi\n"
    ],
    ["/etc/local.d/vfio.start": "printf '%s' 0000:01:00.0 > /sys/bus/pci/drivers/nvme/unbind\n"],
    [
      "/etc/tuned/active_profile": "mine\n",
      "/etc/tuned/mine/tuned.conf": "[sysfs]\n\(function)/driver_override=vfio-pci\n",
    ],
  ]

  @Test("whatever writes to sysfs takes it, with file and line", arguments: writers)
  func writer(files: [String: String]) throws {
    let found = errors(files)
    #expect(found.map(\.code) == [.rootStorage])
    let error = try #require(found.first)
    #expect(error.functions == [Examined.first] && error.message.contains("0000:01:00.0"))
    let file = String(error.evidence.first?.path?.prefix { $0 != ":" } ?? "")
    #expect(files.keys.contains(file) && !error.remedy.isEmpty)
  }

  @Test(
    "what writes nothing, or not to it",
    arguments: [
      rule("ATTR{remove}=\"0\""), rule("ATTR{power/control}=\"auto\""), rule("RUN+=\"/usr/bin/logger unbind %k\""),
      ["/etc/udev/rules.d/9.rules": "KERNEL==\"0000:02:00.0\", ATTR{remove}=\"1\"\n"],
      // It is not started.
      [unit: "[Service]\nExecStart=/bin/sh -c 'echo 1 > \(function)/remove'\n"],
      [
        unit: "[Service]\nExecStart=/bin/sh -c 'echo 1 > \(function)/remove'\n",
        "/etc/systemd/system/shutdown.target.wants/early.service": "x",
      ],
      [
        unit: "[Service]\nExecStart=/bin/sh -c 'echo 1 > \(function)/remove'\n", wanted: "x",
        "\(unit).d/a.conf": "[Service]\nExecStart=\nExecStart=/bin/true\n",
      ],
      service("/bin/sh -c 'echo 1 > /sys/bus/pci/devices/0000:02:00.0/remove'"),
      service("/usr/bin/cat \(function)/driver_override"),
      ["/etc/rc.local": "#!/bin/sh\n# echo 1 > \(function)/remove\necho '1 > \(function)/remove'\nexit 0\n"],
      ["/etc/rc.local": "cat <<EOF\necho 1 > \(function)/remove\nEOF\n"],
      ["/etc/rc.local": "cd /sys/bus/ccw; for i in *.*; do echo $i > unbind; done\n"],
      ["/etc/rc.local": "echo 0000:01:00.0 > /sys/bus/usb/drivers/usb/unbind\n"],
      ["/etc/rc.local": "echo 0000:01:00.0 > /sys/bus/pci/drivers_probe; hostdev bind 02:00.0\n"],
      ["/etc/tmpfiles.d/x.conf": "w \(function)/power/control - - - - auto\n"],
      ["/etc/modprobe.d/x.conf": "install nvme /bin/false\n"],
      ["/etc/libvirt/hooks/qemu": "#!/bin/bash\nvirsh nodedev-detach pci_0000_02_00_0\n"],
    ])
  func harmlessWriter(files: [String: String]) {
    #expect(readiness(files).findings.filter { $0.code == .rootStorage } == [])
  }

  @Test(
    "what only a run would tell may take it: not ready, and not refused",
    arguments: [
      rule("RUN+=\"/usr/bin/vfio-helper %k\""), rule("RUN+=\"/usr/local/bin/gone.sh %k\""),
      rule("PROGRAM=\"/usr/local/bin/decide\", ATTR{driver_override}=\"vfio-pci\""),
      rule("TEST==\"/etc/x\", ATTR{remove}=\"1\""),
      service("/usr/local/bin/vfio-setup"),
      ["/etc/rc.local": "#!/bin/sh\necho 1 > /sys/bus/pci/devices/$(cat /etc/card)/remove\n"],
      ["/etc/rc.local": "#!/bin/sh\nDEV=$(lspci -d 10ee:)\necho $DEV > /sys/bus/pci/drivers/vfio-pci/bind\n"],
      ["/etc/rc.local": "#!/usr/bin/python3\nopen('\(function)/driver_override', 'w').write('vfio-pci')\n"],
      ["/etc/rc.local": "#!/bin/sh\necho 0 > /sys/bus/pci/slots/2/power\n"],
    ])
  func doubt(files: [String: String]) throws {
    let readiness = readiness(files)
    #expect(readiness.verdict == .unknown)
    let found = readiness.findings.filter { $0.code == .rootStorage }
    #expect(found.map(\.severity) == [.unknown])
    #expect(found.first?.message.contains("could not be determined") == true)
    // Control: of functions that the host does not use there is no finding.
    #expect(self.readiness(files, uses: []).findings.filter { $0.code == .rootStorage } == [])
  }

  @Test("what is with a guest already is not taken from the host")
  func taken() {
    #expect(errors(["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"], driver: "vfio-pci") == [])
    #expect(errors([Self.nas: Self.domain(Self.hostdev)], driver: "vfio-pci") == [])
  }

  @Test("no pin is advised for what the host uses")
  func remedy() {
    func remedy(_ uses: [Use]) -> String? {
      let words = ["/etc/kernel/cmdline": "vfio-pci.ids=10ee:5000"]
      return Examined.examination(words) {
        for set in $0.takenSets { $0.claimedUsage[set] = Usage(uses: uses) }
      }.finding(.bootClaim)?.remedy
    }
    #expect(remedy([Self.root])?.hasPrefix("sed -i") == true)
    #expect(remedy([])?.hasPrefix("hostdev import --write") == true)
  }

  @Test("a guest's name is data")
  func quoted() {
    let found = errors(["/etc/libvirt/qemu/a b; $(reboot).xml": Self.domain(Self.hostdev)])
    #expect(found.first?.remedy.hasSuffix("virsh edit 'a b; $(reboot)'") == true)
  }
}
