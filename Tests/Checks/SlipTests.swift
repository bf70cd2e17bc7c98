import Host
import PCI
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("Ids that are written, and read otherwise")
struct SlipTests {
  private static let both = [Examined.first, Examined.second]

  private func kernel(_ cmdline: String, _ files: [String: String] = [:]) -> Examination {
    Examined.examination(cmdline: "", files) {
      $0.surroundings.commandLine = .known(KernelParameter.all(cmdline).map(\.text))
    }
  }

  private func modprobe(
    _ files: [String: String], cmdline: [String] = [], _ change: (inout Examination) -> Void = { _ in }
  ) -> Examination {
    Examined.examination(files) {
      $0.surroundings.modprobeLines = ModprobeFiles.read(Written(files), commandLine: cmdline)
      if !cmdline.isEmpty { $0.surroundings.commandLine = .known(cmdline) }
      change(&$0)
    }
  }

  // MARK: What counts

  @Test(
    "quotes, blanks in quotes, and either sign in the name",
    arguments: [
      "vfio-pci.ids=10ee:5000,10ee:5001", "vfio_pci.ids=\"10ee:5000,10ee:5001\"",
      "\"vfio-pci.ids=10ee:5000,10ee:5001\"",
      "vfio-pci.ids=\"10ee:5000, 10ee:5001\"", "vfio-pci.ids=,10ee:5000,,10ee:5001,",
      "vfio-pci.ids=10ee:6000 vfio_pci.ids=10ee:5000,10ee:5001", "pci-stub.ids=10EE:5000,0x10ee:0x5001",
    ])
  func onTheCommandLine(cmdline: String) {
    let claims = kernel(cmdline).claims.filter { $0.tool == .kernel }
    #expect(claims.map(\.functions) == [Self.both])
  }

  @Test(
    "the same in modprobe.d",
    arguments: [
      "options vfio-pci ids=10ee:5000,10ee:5001\n", "options vfio_pci ids=\"10ee:5000,10ee:5001\"\n",
      "options vfio-pci disable_vga=1 ids=10ee:6000 \\\n ids=10ee:5000,10ee:5001\n",
      "options vfio-pci ids=10ee:6000\noptions vfio-pci \"ids=10ee:5000, 10ee:5001\"\n",
      "options vfio-pci ids=10ee:5000,10ee:5001 # mine\n",
    ])
  func inModprobe(text: String) {
    let examination = modprobe(["/etc/modprobe.d/vfio.conf": text])
    #expect(examination.claims.filter { $0.tool == .modprobe }.map(\.functions) == [Self.both])
  }

  @Test("modprobe reads the kernel's command line last; a built-in driver reads nothing else")
  func theLastOneCounts() {
    let file = ["/etc/modprobe.d/vfio.conf": "options vfio-pci ids=10ee:6000\n"]
    let beside = modprobe(file, cmdline: ["vfio-pci.ids=10ee:5000"])
    #expect(beside.claims.filter { $0.tool == .modprobe } == [])
    #expect(beside.finding(.moduleOptions)?.message.contains("which is that of /proc/cmdline") == true)
    let builtIn = modprobe(file) { $0.surroundings.vfioPCI = .builtIn }
    #expect(builtIn.claims == [])
    #expect(builtIn.finding(.moduleOptions)?.message.contains("built into this kernel") == true)
    // Another module's ids are another list.
    #expect(modprobe(file, cmdline: ["pci-stub.ids=10ee:5000"]).claims.count == 2)
  }

  @Test("a list of modules takes options only without systemd")
  func listsOfModules() {
    let list = ["/etc/modules": "vfio-pci ids=10ee:5000\n"]
    #expect(modprobe(list).claims == [])
    #expect(
      modprobe(list.merging(["/etc/modules-load.d/modules.conf": list["/etc/modules"] ?? ""]) { $1 }).modprobeSlips
        .count == 1)
    for other in ["/etc/alpine-release", "/etc/inittab"] {
      let found = modprobe(list.merging([other: ""]) { $1 })
      #expect(found.claims.count == 1 && found.modprobeSlips == [])
    }
    #expect(modprobe(["/etc/initramfs-tools/modules": "vfio-pci ids=10ee:5000\n"]).claims.count == 1)
  }

  @Test("a line that goes on is one line, without a blank")
  func continued() {
    let examination = modprobe(["/etc/modprobe.d/a.conf": "options vfio-pci ids=10ee:5000,\\\n10ee:5001\n"])
    #expect(examination.claims.map(\.functions) == [Self.both])
  }

  @Test("ids of virtual functions that come later are pinned by their physical one")
  func virtualsToCome() throws {
    func found(_ examination: Examination, _ code: FindingCode) throws -> Finding {
      var examination = examination
      examination.virtualsToCome = [
        VirtualsToCome(
          of: Examined.other, total: 8, id: DeviceID(vendor: 0x10ee, device: 0x7777), indices: [:], present: 0)
      ]
      return try #require(examination.finding(code))
    }
    for found in [
      try found(kernel("quiet vfio-pci.ids=10ee:7777"), .bootClaim),
      try found(modprobe(["/etc/modprobe.d/a.conf": "options vfio-pci ids=10ee:7777\n"]), .moduleOptions),
    ] {
      #expect(found.message.contains("the virtual functions of 0000:02:00.0, which come"))
      #expect(found.remedy.hasPrefix("hostdev pin NAME 0000:02:00.0 --vfs N --bind; then: "), "\(found)")
    }
    #expect(!(try found(kernel("vfio-pci.ids=10ee:7776"), .bootClaim).remedy.contains("--vfs")))
  }

  // MARK: Near misses

  @Test(
    "near misses on the command line are warnings with the right form",
    arguments: [
      "vfio-pci-ids=10ee:5000,10ee:5001", "vfio_pci.id=10ee:5000,10ee:5001", "vfio-pci.ids=10ee:5000, 10ee:5001",
      "vfio.ids=10ee:5000,10ee:5001", "vfiopci.ids=10ee:5000,10ee:5001", "vifo-pci.ids=10ee:5000,10ee:5001",
      "vfio-pci.ids='10ee:5000,10ee:5001'", "vfio-pci.ids=10ee:5000;10ee:5001", "vfio-pci.ids 10ee:5000,10ee:5001",
      "vfio-pci.ids= 10ee:5000,10ee:5001", "vfio-pci:ids=10ee:5000,10ee:5001",
      "vfio-pci.ids=\"10ee:5000\",\"10ee:5001\"",
      "vfio-pci.ids=10ee:5000-10ee:5001",
    ])
  func nearMisses(cmdline: String) throws {
    let found = kernel("quiet \(cmdline) ro").findings(.bootClaim)
      .filter { $0.remedy.contains("vfio-pci.ids=10ee:5000,10ee:5001") }
    let slip = try #require(found.first, "\(cmdline)")
    #expect(slip.severity == .warning)
    #expect(slip.evidence.allSatisfy { $0.description.hasPrefix("/proc/cmdline: ") } && !slip.evidence.isEmpty)
  }

  @Test(
    "near misses that stand alone, or say where the card is",
    arguments: [
      ("vfio-pci.ids=0000:01:00.0,01:00.1", "vfio-pci.ids=10ee:5000,10ee:5001"),
      ("vfio.pci.ids=10ee:5000", "vfio-pci.ids=10ee:5000"), ("vfio-pci.devices=0000:01:00.0", "vfio-pci.ids=10ee:5000"),
      ("vfio-pci.ids = 10ee:5000", "vfio-pci.ids=10ee:5000"),
    ])
  func addresses(cmdline: String, meant: String) throws {
    let examination = kernel("quiet \(cmdline) ro")
    let found = examination.findings(.bootClaim)
    #expect(found.contains { $0.remedy.contains("Write it so: \(meant);") }, "\(found)")
    #expect(found.allSatisfy { $0.severity == .warning } && !found.contains { $0.message.contains("not in this host") })
  }

  @Test(
    "nothing is written behind ids= that is not known",
    arguments: ["vfio_pci.ids", "vfio-pci.ids=", "vfio-pci.ids=0000:77:00.0"])
  func nothingMeant(word: String) throws {
    let found = try #require(kernel("quiet \(word)").finding(.bootClaim))
    #expect(found.severity == .warning && !found.remedy.contains("Write it so"), "\(found)")
  }

  @Test("a near miss that waits in the boot loader's file is told with its line")
  func inTheBootLoadersFile() throws {
    let found = try #require(
      kernel("quiet", ["/boot/loader/entries/a.conf": "title a\noptions ro vfio-pci-ids=10ee:5000\n"]).finding(
        .bootClaim))
    #expect(found.functions == [Examined.first] && found.evidence.first?.path == "/boot/loader/entries/a.conf:2")
  }

  @Test(
    "what is about other things is not mistaken",
    arguments: [
      "usb-storage.quirks=1234:5678:u", "usbcore.quirks=046d:c52b:b", "vfio-pci.disable_vga=1", "pci=noats",
      "vfio_iommu_type1.allow_unsafe_interrupts=1", "vfio-pci.disable_idle_d3=1", "10ee:5000",
      "xen-pciback.hide=(0000:03:00.0)", "hid_quirks=10ee:5000", "vfio-pci.nointxmask=1",
    ])
  func controls(word: String) {
    #expect(kernel("quiet \(word)").findings(.bootClaim).map(\.severity).allSatisfy { $0 == .ok || $0 == .warning })
    #expect(kernel("quiet \(word)").kernelSlips == [])
  }

  @Test(
    "near misses in modprobe.d and in lists of modules",
    arguments: [
      ("/etc/modprobe.d/vfio.conf", "vfio-pci.ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio_pci.ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci vfio-pci.ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=10ee:5000, 10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci id=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci 10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci ids='10ee:5000,10ee:5001'"),
      ("/etc/modprobe.d/vfio.conf", "options vfio ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "option vfio-pci ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio", "options vfio-pci ids=10ee:5000,10ee:5001"),
      ("/etc/modules-load.d/vfio.conf", "vfio-pci ids=10ee:5000,10ee:5001"),
      ("/etc/modules", "vfio-pci ids=10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci ids = 10ee:5000,10ee:5001"),
      ("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=0000:01:00.0,0000:01:00.1"),
      ("/etc/modules-load.d/vfio.conf", "options vfio-pci ids=10ee:5000,10ee:5001"),
    ])
  func nearMissesOfModprobe(file: String, line: String) throws {
    let found = modprobe([file: "# note\n\(line)\n"]).findings(.moduleOptions)
      .filter { $0.remedy.contains("options vfio-pci ids=10ee:5000,10ee:5001") }
    let slip = try #require(found.first, "\(line)")
    #expect(slip.severity == .warning && slip.evidence.first?.path == "\(file):2")
  }

  @Test(
    "lines of modprobe.d that are as they should be",
    arguments: [
      "softdep nvme pre: vfio-pci\n", "options usb-storage quirks=1234:5678:u\n", "# options vfio-pci.ids=10ee:5000\n",
      "options vfio-pci ids=10ee:5000,\\\n10ee:5001\n", "# a note \\\noptions vfio-pci.ids=10ee:5000\n",
      "alias pci:v000010EEd00005000* vfio-pci\n", "options vfio-pci disable_vga=1\n", "options snd ids=10ee:5000\n",
    ])
  func controlsOfModprobe(text: String) {
    #expect(modprobe(["/etc/modprobe.d/a.conf": text, "/etc/modprobe.d/old.dpkg-old": text]).modprobeSlips == [])
  }
}
