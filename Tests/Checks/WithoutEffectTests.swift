import Host
import PCI
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("Ids that are in force, and host drivers that were first")
struct WithoutEffectTests {
  private static let cmdline = "vfio-pci.ids=10ee:5000"
  private static let options = "options vfio-pci ids=10ee:5000\n"

  /// `lines`: of modprobe.d.
  private func examination(
    cmdline: String = Self.cmdline, lines: String = "", driver: String? = "nouveau", vfio: ModuleState = .loaded,
    builtIn: Set<String> = [], _ files: [String: String] = [:]
  ) -> Examination {
    let all = files.merging(["/etc/modprobe.d/vfio.conf": lines, "/etc/initramfs-tools/initramfs.conf": ""]) { $1 }
    return Examined.examination(driver: driver, cmdline: cmdline, all) {
      $0.surroundings.vfioPCI = vfio
      $0.surroundings.builtInModules = .known(builtIn)
      $0.surroundings.modprobeLines = ModprobeFiles.read(Written(all), commandLine: [cmdline])
    }
  }

  private func warning(_ examination: Examination, _ code: FindingCode = .bootClaim) throws -> Finding {
    try #require(examination.findings(code).first { $0.message.contains("without effect") })
  }

  @Test("both forms name function, driver and reason")
  func bothForms() throws {
    for (found, code) in [
      (examination(vfio: .loadable), FindingCode.bootClaim),
      (examination(cmdline: "quiet", lines: Self.options, vfio: .loadable), .moduleOptions),
    ] {
      let warning = try warning(found, code)
      #expect(warning.severity == .warning && warning.functions == [Examined.first])
      #expect(warning.message.contains("0000:01:00.0 is on nouveau. vfio-pci is not loaded, and nothing loads it"))
      #expect(warning.evidence.contains { $0.description == "/sys/bus/pci/devices/0000:01:00.0/driver: nouveau" })
      #expect(warning.remedy.hasPrefix("hostdev import --write; then: "))
    }
  }

  @Test("each reason")
  func reasons() throws {
    #expect(try warning(examination()).message.contains("later than nouveau: no softdep makes it wait"))
    #expect(try warning(examination(vfio: .missing)).message.contains("does not have vfio-pci"))
    #expect(try warning(examination(builtIn: ["nouveau"])).message.contains("nouveau is built into this kernel"))
    let listed = examination(vfio: .loadable, ["/etc/initramfs-tools/modules": "vfio_pci\n"])
    #expect(try warning(listed).message.contains("although /etc/initramfs-tools/modules:1 lists it"))
    let waiting = try warning(examination(lines: "softdep nouveau pre: vfio-pci\n"))
    #expect(waiting.message.contains("/etc/modprobe.d/vfio.conf:1 makes the host's driver wait"))
    #expect(waiting.remedy.hasSuffix("or, for it to count at the next boot: update-initramfs -u -k all"))
    // It waits, and vfio-pci is not there: nothing denies the line.
    let early = try warning(examination(lines: "softdep nouveau pre: vfio-pci\n", vfio: .loadable))
    #expect(early.message.contains("/etc/modprobe.d/vfio.conf:1 makes the host's driver wait"))
    #expect(try warning(examination(vfio: .loadable)).message.contains("nothing loads it before nouveau."))
    // A softdep behind, or of another module, makes nothing wait.
    for line in ["softdep nouveau post: vfio-pci\n", "softdep nvidia pre: vfio-pci\n"] {
      #expect(try warning(examination(lines: line)).message.contains("no softdep makes it wait"))
    }
    let unbound = try warning(examination(driver: nil, vfio: .loadable))
    #expect(unbound.message.contains("0000:01:00.0 is unbound. vfio-pci is not loaded"))
  }

  @Test(
    "a softdep or a list, however it is written, is seen",
    arguments: [
      ["/etc/dracut.conf.d/vfio.conf": "force_drivers+=\" vfio_pci vfio \"\n"],
      ["/etc/mkinitcpio.conf": "MODULES=(vfio_pci vfio_iommu_type1)\n"],
      ["/etc/mkinitcpio.conf.d/a.conf": "MODULES+=(vfio-pci)\n"],
      ["/etc/initramfs-tools/modules": "vfio-pci ids=1:2\n"],
    ])
  func lists(files: [String: String]) throws {
    #expect(try warning(examination(vfio: .loadable, files)).message.contains("lists it"))
  }

  /// The line that is advised is read as what was missing.
  @Test func theRemedyMakesItWait() throws {
    let remedy = try warning(examination()).remedy
    #expect(remedy.contains("printf '%s\\n' 'softdep nouveau pre: vfio-pci' >> /etc/modprobe.d/vfio.conf"))
    let after = examination(lines: "softdep nouveau pre: vfio-pci\n")
    #expect(try !warning(after).remedy.contains("printf"))
  }

  @Test("a line that keeps a module out, and a card that is on it")
  func blacklists() throws {
    func found(_ line: String, _ files: [String: String] = [:], builtIn: Set<String> = [], ids: String = Self.cmdline)
      -> [Finding]
    {
      examination(cmdline: ids, lines: line, builtIn: builtIn, files).findings(.moduleOptions)
        .filter { $0.message.contains("without effect") }
    }
    let warning = try #require(found("blacklist nouveau\n").first)
    #expect(warning.severity == .warning && warning.functions.first == Examined.first)
    #expect(
      warning.message.contains("0000:01:00.0 is on nouveau") && warning.message.contains("the initramfs may be older"))
    #expect(warning.remedy == "If the initramfs is older: update-initramfs -u -k all")
    #expect(found("install nouveau /bin/false\n").count == 1)
    #expect(
      found("blacklist nouveau\n", builtIn: ["nouveau"]).first?.message.contains("built into this kernel") == true)
    #expect(
      found("blacklist nouveau\n", ["/etc/modules": "nouveau\n"]).first?.message.contains("/etc/modules:1 loads it")
        == true)
    // No claim is on the card: it is told, and no more.
    #expect(found("blacklist nouveau\n", ids: "quiet").map(\.severity) == [.info])
    #expect(found("blacklist radeon\ninstall nouveau /sbin/modprobe --ignore-install nouveau\n") == [])
  }

  @Test("what had its effect, and what another tool moved, is no warning")
  func controls() {
    for found in [
      examination(driver: "vfio-pci"), examination(driver: "mlx5-vfio-pci"), examination(driver: "pci-stub"),
      examination(cmdline: "quiet"), examination(cmdline: "vfio-pci.ids=10ee:7000"),
      examination(cmdline: "quiet", ["/etc/kernel/cmdline": Self.cmdline]), examination(driver: nil),
    ] {
      #expect(!found.findings(.bootClaim).contains { $0.message.contains("without effect") })
    }
    // Nothing is known of a function with a write under way.
    var pending = examination()
    pending.pending = [Examined.first]
    #expect(!pending.findings(.bootClaim).contains { $0.message.contains("without effect") })
  }

  @Test("a softdep that ids need is not taken away")
  func softdep() {
    func softdep(_ examination: Examination) -> Finding? {
      examination.findings(.moduleOptions).first { $0.evidence.first?.value.hasPrefix("softdep") == true }
    }
    let line = "softdep nouveau pre: vfio-pci\n"
    #expect(softdep(examination(lines: line))?.remedy == "")
    #expect(softdep(examination(cmdline: "quiet", lines: line + Self.options))?.remedy == "")
    #expect(softdep(examination(cmdline: "quiet", lines: line, ["/etc/kernel/cmdline": Self.cmdline]))?.remedy == "")
    #expect(softdep(examination(cmdline: "vfio-pci-ids=10ee:5000", lines: line))?.remedy == "")
    #expect(softdep(examination(cmdline: "quiet", lines: line))?.remedy.hasPrefix("sed -i") == true)
  }
}
