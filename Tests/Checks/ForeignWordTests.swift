import Host
import PCI
import TestSupport
import Testing

@testable import Checks

/// A word that others chose stands in quotes in every command that is printed, whatever it is a name of.
@Suite struct ForeignWordTests {
  private static let word = "a b;$(x)'"
  private static let quoted = "'a b;$(x)'\\'''"

  /// The remedy without what stands in quotes: nothing of the word is left.
  private static func isQuoted(_ remedy: String) -> Bool {
    var outside = ""
    var isInside = false
    var rest = Substring(remedy)
    while let character = rest.popFirst() {
      if character == "'" {
        isInside.toggle()
      } else if !isInside {
        if character == "\\", !rest.isEmpty { rest.removeFirst() } else { outside.append(character) }
      }
    }
    // Ours is the one command that is run for its output.
    outside.replace("$(ovs-vsctl", with: "")
    return !isInside && !outside.contains("$(") && !outside.contains("a b;")
  }

  private static let foreign = ForeignWord(word)

  private static let owners: [Use.Process.Owner] =
    [
      .unit(ForeignWord(word + ".service"), user: nil), .unit(ForeignWord(word + ".service"), user: foreign),
      .unit(foreign, user: nil),
    ]
    + [
      .libvirt(user: nil), .libvirt(user: "1000"), .proxmox(machine: foreign), .incus(project: foreign),
      .lxd(project: foreign), .kubevirt(namespace: foreign), .ganeti, .machined, .none(unit: foreign, user: foreign),
      .none(unit: ForeignWord(word + ".service"), user: foreign), .none(unit: nil, user: nil),
    ].map { .guest(Use.Guest(foreign, $0)) }
    + [.docker, .podman, .cri, .incus, .lxd, .lxc, .proxmox, .machined, .unknown].map {
      .container(Use.Container(foreign, $0))
    }

  /// Everything that a process, a disk, an interface or a console may be called.
  private static let uses: [Use.What] =
    owners.flatMap { owner -> [Use.What] in
      ["x", "ovs-vswitchd"].flatMap { command -> [Use.What] in
        let process = Use.Process(812, command: command, owner: owner)
        return [
          .vfioOpen(process), .vfioOpen(process, mediated: word), .open(process, Use.Node("/dev/" + word)),
          .open(process, Use.Node("/dev/" + word, .display)),
        ]
      }
    }
    + [
      .block(device: word), .partition(device: word), .signature(device: word, content: word),
      .mount(device: word, on: Use.MountPoint(word)),
      .mount(device: word, on: Use.MountPoint(word, seenBy: Use.Process(5, command: word))),
      .swap(device: word, file: nil), .swap(device: word, file: word),
      .fstab(device: word, entry: word, point: word), .pool(device: word, .imported(word)),
      .pool(device: word, .mounted(Use.MountPoint(word))), .boot(device: word, role: word),
      .remoteStorage(name: word, transport: word), .configuredStorage(device: word, entry: word),
      .essential(carried: word, reason: word), .interface(word, state: "up"),
      .networkAddress(interface: word, address: word), .route(interface: word, route: word),
      .defaultRoute(interface: word, route: word), .master(interface: word, master: word),
      .master(interface: word, master: "ovs-system"), .ssh(interface: word, client: word),
      .rdma(device: word, ports: [word]), .configuredInterface(word, setting: word), .keyboard(name: word),
      .usb(name: word, product: word), .ups(name: word, product: word), .console(node: word, name: word),
      .watchdog(node: word, identity: word, state: word), .tpm(node: word), .ipmi(node: word),
      .framebuffer(.device(node: word, name: word, console: .here(word))), .drm(node: word, .connected([word])),
    ]
    + [
      Use.Holder.device(name: "dm-0", label: word), .device(name: "md" + word, label: word),
      .device(name: "loop" + word, label: nil), .device(name: "bcache" + word, label: nil), .btrfs(volume: word),
      .export(word),
    ].map { .holder(device: word, by: $0) }

  @Test func ofUses() {
    for what in Self.uses {
      for isIdle in [false, true] {
        let use = Use(
          what, of: Small.first, chain: ["\(Small.first)", Self.word],
          source: SourceLine("/etc/" + Self.word, 3, text: Self.word), isIdle: isIdle)
        let found = Case {
          $0.usage = Usage(uses: [use])
          $0.host = Small.card { $0.mediatedDevices = [Self.word] }
        }.assessment.findings
        for finding in found { #expect(Self.isQuoted(finding.remedy), "\(what): \(finding.remedy)") }
      }
    }
  }

  @Test func ofOtherToolsFiles() {
    let xml =
      "<domain><devices><hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='1' slot='0' function='0'/></source></hostdev></devices></domain>"
    let examination = Examined.examination(
      driver: "vfio-pci", cmdline: "vfio-pci.ids=10ee:5000",
      [
        "/etc/libvirt/qemu/\(Self.word).xml": xml, "/etc/pve/qemu-server/\(Self.word).conf": "hostpci0: 01:00.0\n",
        "/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n",
        "/etc/udev/rules.d/\(Self.word).rules": "KERNEL==\"0000:01:00.0\", ATTR{driver_override}=\"vfio-pci\"\n",
        "/boot/loader/entries/\(Self.word).conf": "options vfio-pci.ids=10ee:5000\n",
      ]
    ) {
      $0.pins = [
        DeclaredPin(
          name: Self.word, file: "/p", functions: [Examined.first], driver: "vfio-pci", actual: .malformed(reason: "x"))
      ]
      $0.surroundings.modprobeLines = [
        ModprobeLine(
          file: "/etc/modprobe.d/\(Self.word).conf", line: 1, command: .options, module: "vfio_pci",
          arguments: "ids=10ee:5000"),
        ModprobeLine(
          file: "/etc/modprobe.d/\(Self.word).conf", line: 2, command: .blacklist, module: "vfio_pci", arguments: ""),
      ]
    }
    let found = Readiness(of: examination).findings
    #expect(found.contains { $0.remedy.contains(Self.quoted) })
    for finding in found { #expect(Self.isQuoted(finding.remedy), "\(finding.code): \(finding.remedy)") }
  }

  /// What this test must see: a name that is not quoted, and one that is only in double quotes.
  @Test func theJudgeSeesAnUnquotedWord() {
    #expect(!Self.isQuoted("virsh shutdown \(Self.word)"))
    #expect(!Self.isQuoted("virsh shutdown \"a b;$(x)\""))
    #expect(Self.isQuoted("virsh shutdown \(ForeignWord(Self.word).quoted)"))
  }
}
