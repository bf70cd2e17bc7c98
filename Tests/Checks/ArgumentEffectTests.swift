import Host
import PCI
import TestSupport
import Testing

@testable import Checks

@Suite("Arguments that are given, and what shows whether they did anything")
struct ArgumentEffectTests {
  private func finding(
    _ word: String, framebuffers: Fact<[String]> = .known([]), parameters: [String: String] = [:],
    driver: String = "nouveau", builtIn: Set<String> = [], cmdline: String = ""
  ) -> Finding? {
    Examined.examination(driver: driver, cmdline: "quiet \(cmdline) \(word)") {
      $0.surroundings.bootFramebuffers = framebuffers
      $0.surroundings.parameters = parameters
      $0.surroundings.builtInModules = .known(builtIn)
    }.findings(.bootArgument).first { $0.message.hasPrefix("\(word) ") }
  }

  @Test(
    "the firmware's frame buffer is there all the same",
    arguments: [
      (
        "video=efifb:off", ["BOOTFB", "simpledrm"], "simpledrm has", "initcall_blacklist=simpledrm_platform_driver_init"
      ),
      ("video=efifb:off", ["BOOTFB"], "BOOTFB has", "initcall_blacklist=sysfb_init"),
      ("video=efifb:off,vesafb:off", ["vesafb"], "reads 'vesafb:off' as an option of efifb", "video=vesafb:off"),
      ("video=vesafb:off", ["efifb"], "efifb has", "video=efifb:off"),
      ("initcall_blacklist=sysfb_init", ["BOOTFB", "efifb"], "efifb has", "video=efifb:off"),
      (
        "initcall_blacklist=foo,sysfb_init", ["BOOTFB", "simpledrm"], "simpledrm has", "simpledrm_platform_driver_init"
      ),
    ])
  func framebuffer(word: String, names: [String], reason: String, remedy: String) {
    let found = finding(word, framebuffers: .known(names))
    #expect(found?.severity == .warning && found?.message.contains("without effect") == true)
    #expect(found?.message.contains(reason) == true && found?.remedy.contains(remedy) == true)
    #expect(found?.evidence.contains { $0.path == "/proc/iomem" } == true)
    // What could not be read says nothing, and what is gone has had its effect.
    #expect(finding(word, framebuffers: .unknown)?.severity == .info)
    #expect(finding(word)?.severity == .info)
  }

  @Test("no argument is advised that is there already")
  func there() {
    let found = finding("video=efifb:off", framebuffers: .known(["BOOTFB"]), cmdline: "initcall_blacklist=sysfb_init")
    #expect(found?.severity == .warning && found?.remedy == "")
  }

  @Test("a blacklist, and a function that is on that driver")
  func blacklists() {
    let found = finding("modprobe.blacklist=nvidia,nouveau")
    #expect(found?.severity == .warning && found?.functions.contains(Examined.first) == true)
    #expect(found?.message.contains("0000:01:00.0 is on nouveau") == true)
    #expect(found?.remedy.hasPrefix("To see what loads it: grep -rnE nouveau") == true)
    #expect(finding("module_blacklist=nouveau", builtIn: ["nouveau"])?.message.contains("built into") == true)
    #expect(finding("rd.driver.blacklist=nouveau")?.message.contains("initramfs alone") == true)
    #expect(finding("modprobe.blacklist=nvidia")?.severity == .info)
    #expect(finding("modprobe.blacklist=nouveau", driver: "vfio-pci")?.severity == .info)
  }

  @Test(
    "a parameter of a module, and what the kernel has",
    arguments: [
      ("kvm.ignore_msrs=1", "N", true), ("kvm.ignore_msrs=1", "Y", false), ("kvm.ignore_msrs=on", "Y", false),
      ("kvm.ignore_msrs", "N", true), ("kvm.ignore_msrs=0", "Y", true),
      ("kvm.halt_poll_ns=0", "200000", true), ("kvm.halt_poll_ns=0", "0", false), ("kvm.x=abc", "def", false),
    ])
  func parameters(word: String, now: String, isIneffective: Bool) {
    let name = KernelParameter(word).name
    #expect((finding(word, parameters: [name: now])?.severity == .warning) == isIneffective)
    #expect(finding(word)?.severity != .warning)
  }

  @Test("of a parameter that comes twice the last one counts")
  func twice() {
    let now = ["kvm.ignore_msrs": "Y"]
    #expect(finding("kvm.ignore_msrs=1", parameters: now, cmdline: "kvm.ignore_msrs=0")?.severity != .warning)
    #expect(finding("kvm.ignore_msrs=0", parameters: now, cmdline: "kvm.ignore_msrs=1")?.severity == .warning)
  }
}
