import PCI
import Settings
import TestSupport
import Testing

@testable import Checks

/// A rule of udev's accounts for a function on vfio-pci, is a rival of a pin, or leaves it unknown.
@Suite struct UdevClaimTests {
  private static let path = "/etc/udev/rules.d/61-vfio.rules"

  private func examination(_ rule: String, pinned: Bool = false, at path: String = path) -> Examination {
    Examined.examination(driver: "vfio-pci", [path: rule + "\n"]) {
      $0.host = Examined.host([Examined.function(Examined.first, 0x5000, driver: "vfio-pci")])
      if pinned {
        $0.pins = [
          DeclaredPin(
            name: "card", file: "/etc/hostdev/pins.d/card.json", functions: [Examined.first], driver: "vfio-pci",
            actual: .inPlace)
        ]
      }
    }
  }

  private static let rule =
    "ATTR{vendor}==\"0x10ee\", ATTR{device}==\"0x5000\", \\\n ATTR{driver_override}=\"vfio-pci\""

  @Test func aRuleExplainsWhatIsOnVFIO() {
    #expect(examination(Self.rule).finding(.undeclared)?.severity == .ok)
    // Control: one for another card does not.
    let other = examination(Self.rule.replacing("0x5000", with: "0x5001")).finding(.undeclared)
    #expect(other?.severity == .warning && other?.message.contains("no hold, pin or setting explains it") == true)
  }

  @Test func aRuleThatCannotBeReadLeavesItUnknown() throws {
    let found = try #require(examination("KERNEL==\"*.0\", RUN+=\"/usr/bin/vfio-bind %k\"").finding(.undeclared))
    #expect(found.severity == .unknown)
    #expect(
      found.message
        == "0000:01:00.0 is on vfio-pci. Whether \(Self.path):1 explains it could not be determined.")
    #expect(found.evidence.contains { $0.description.hasPrefix("\(Self.path):1: KERNEL==") })
  }

  @Test func whatMayNotBeReadMayExplainIt() {
    let found = Examined.examination(driver: "vfio-pci") {
      $0.host = Examined.host([Examined.function(Examined.first, 0x5000, driver: "vfio-pci")])
      $0.settings.unread = [Unread("/etc/udev/rules.d/1.rules", reason: .errno(.accessDenied))]
    }.finding(.undeclared)
    #expect(found?.severity == .unknown && found?.message.contains("that could be read explains it") == true)
  }

  @Test func aPinBesideARuleIsARival() throws {
    let found = try #require(examination(Self.rule, pinned: true).finding(.rivalTools))
    #expect(found.severity == .warning)
    // What is left of a rule on two lines would be a rule for every device.
    #expect(found.remedy == "To leave it to hostdev: sed -i '1,2s/^/#/' \(Self.path) && udevadm control --reload")
    let packaged = examination(Self.rule, pinned: true, at: "/usr/lib/udev/rules.d/61-vfio.rules").finding(.rivalTools)
    #expect(packaged?.remedy.contains("ln -s /dev/null \(Self.path) && udevadm") == true)
  }

  @Test func aPinBesideARuleThatCannotBeReadIsUnknown() throws {
    let found = try #require(
      examination("KERNEL==\"*.0\", RUN+=\"/usr/bin/vfio-bind %k\"", pinned: true).finding(.rivalTools))
    #expect(found.severity == .unknown && found.functions == [Examined.first])
    // Control: a program that does not speak of drivers is no rival.
    #expect(
      examination("KERNEL==\"*.0\", RUN+=\"/usr/local/bin/note %k\"", pinned: true).finding(.rivalTools)?.severity
        == .ok)
  }

  @Test func supergfxdExplainsTheCardThatItGivesAway() {
    func severity(_ mode: String, vendor: UInt16 = 0x10de) -> Finding.Severity? {
      var card = Examined.function(Examined.first, 0x2204, driver: "vfio-pci")
      card.vendorID = .known(vendor)
      card.classCode = .known(ClassCode(0x030000))
      return Examined.examination(["/etc/supergfxd.conf": "{\n  \"mode\": \"\(mode)\"\n}\n"]) {
        $0.host = Examined.host([card])
      }.finding(.undeclared)?.severity
    }
    #expect(severity("Vfio") == .ok)
    #expect(severity("Hybrid") == .warning && severity("Vfio", vendor: 0x10ee) == .warning)
  }

  @Test func xensStubIsAClaimOfModprobeToo() {
    let claims = Examined.examination(["/etc/initramfs-tools/modules": "xen-pciback hide=(0000:01:00.0)(02:00.0)\n"])
      .claims
    #expect(claims.map(\.functions) == [[Examined.first, Examined.other]])
    #expect(claims.first?.manner == .driver("pciback"))
  }
}
