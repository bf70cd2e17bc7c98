import Host
import PCI
import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("Settings that write driver_override, and functions that a host driver has all the same")
struct OverridesWithoutEffectTests {
  private static let driverctl = ["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n"]
  private static let rule = [
    "/etc/udev/rules.d/10-vfio.rules": "KERNEL==\"0000:01:00.0\", ATTR{driver_override}=\"vfio-pci\"\n"
  ]

  private func warning(
    _ files: [String: String], driver: String? = "nouveau", override: Fact<String> = .absent
  ) -> Finding? {
    Examined.examination(driver: driver, cmdline: "quiet", files) {
      $0.host[Examined.first]?.driverOverride = override
    }.findings(.bootClaim).first { $0.message.contains("without effect") }
  }

  @Test("each tool's file is named, with the driver and a way back", arguments: [driverctl, rule])
  func named(files: [String: String]) throws {
    let found = try #require(warning(files))
    #expect(found.severity == .warning && found.functions == [Examined.first])
    #expect(found.message.contains("without effect: 0000:01:00.0 is on nouveau."))
    #expect(found.evidence.contains { evidence in files.keys.contains { evidence.description.hasPrefix($0) } })
    #expect(found.remedy.contains("hostdev check 0000:01:00.0; to take the setting back: "))
  }

  @Test func theReasonIsWhatTheOverrideTells() {
    #expect(warning(Self.driverctl, override: .known("vfio-pci"))?.message.contains("bound before that") == true)
    #expect(warning(Self.driverctl)?.message.contains("was not carried out") == true)
    #expect(warning(Self.driverctl, override: .unknown)?.message.contains("could not be read") == true)
  }

  @Test("no warning if it had its effect, wants a host driver, or the function has no driver that is known")
  func controls() {
    #expect(warning(Self.driverctl, driver: "vfio-pci", override: .known("vfio-pci")) == nil)
    #expect(warning(Self.driverctl, driver: nil) == nil)
    #expect(warning(["/etc/driverctl.d/pci-0000:01:00.0": "nouveau\n"]) == nil)
    #expect(warning(["/etc/driverctl.d/pci-0000:09:00.0": "vfio-pci\n"]) == nil)
  }
}
