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
      "alias pci:v000010EEd00005000* vfio-pci\n", "options vfio-pci disable_vga=1\n", "options snd ids=10ee:5000\n",
    ])
  func controlsOfModprobe(text: String) {
    #expect(modprobe(["/etc/modprobe.d/a.conf": text, "/etc/modprobe.d/old.dpkg-old": text]).modprobeSlips == [])
  }
}
