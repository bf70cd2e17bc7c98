import PCI
import TestSupport
import Testing

@testable import Checks

@Suite("Tools that fight over a function")
struct RivalTests {
  private static let domain = "/etc/libvirt/qemu/win.xml"
  private static func domain(managed: String) -> [String: String] {
    [
      domain:
        "<domain><devices>\n<hostdev mode='subsystem' type='pci' managed='\(managed)'><source><address bus='1' slot='0' function='0'/></source></hostdev></devices></domain>"
    ]
  }
  private static func driverctl(_ driver: String) -> [String: String] {
    ["/etc/driverctl.d/pci-0000:01:00.0": driver + "\n"]
  }
  private static let machine = ["/etc/pve/qemu-server/100.conf": "hostpci0: 01:00.0\n"]
  private static let pin = DeclaredPin(
    name: "card", file: "/etc/hostdev/pins.d/card.json", functions: [Examined.first], driver: "vfio-pci",
    actual: .inPlace)

  private func check(_ files: [[String: String]], cmdline: String = "quiet", pinned: Bool = true) -> Finding? {
    Examined.examination(driver: "vfio-pci", cmdline: cmdline, files.reduce(into: [:]) { $0.merge($1) { $1 } }) {
      $0.pins = pinned ? [Self.pin] : []
    }.finding(.rivalTools)
  }

  @Test func oneToolAloneIsNoRival() {
    for files in [Self.driverctl("vfio-pci"), Self.domain(managed: "yes"), Self.machine] {
      #expect(check([files], pinned: false)?.severity == .ok)
    }
    #expect(check([])?.severity == .ok)
  }

  @Test func driverctlBesideAPinIsToldWithBothPlaces() throws {
    let found = try #require(check([Self.driverctl("vfio-pci")]))
    #expect(found.severity == .warning && found.functions == [Examined.first])
    #expect(found.evidence.contains { $0.description.hasPrefix("/etc/hostdev/pins.d/card.json: pin card") })
    #expect(found.evidence.contains { $0.description.hasPrefix("/etc/driverctl.d/pci-0000:01:00.0:1: vfio-pci") })
    // The file is taken away: driverctl's own unset-override would unbind the function.
    #expect(found.remedy == "To leave it to hostdev: rm /etc/driverctl.d/pci-0000:01:00.0")
  }

  @Test func differentDriversAreAnError() {
    #expect(check([Self.driverctl("nvme")])?.severity == .error)
    #expect(check([Self.driverctl("mlx5-vfio-pci")])?.severity == .warning)
  }

  @Test func aManagedDomainGivesBackWhatAPinKeeps() throws {
    let found = try #require(check([Self.domain(managed: "yes")]))
    #expect(found.severity == .warning && found.remedy.contains("virsh edit win"))
    #expect(found.evidence.contains { $0.description.hasPrefix("\(Self.domain):2: ") })
    #expect(check([Self.domain(managed: "no")])?.severity == .ok)
    // Against a host driver there is nothing to quarrel over: libvirt gives back to it.
    #expect(check([Self.domain(managed: "yes"), Self.driverctl("nvme")], pinned: false)?.severity == .ok)
  }

  @Test func proxmoxLeavesAPinnedFunctionWhereItIs() {
    #expect(check([Self.machine])?.severity == .ok)
    #expect(check([Self.machine, Self.driverctl("nvme")], pinned: false)?.severity == .warning)
  }

  @Test func idsOnTheCommandLineBesideAPin() throws {
    let ids = "vfio-pci.ids=10ee:5000"
    let grub = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"\(ids)\"\n"]
    let found = try #require(check([grub], cmdline: ids))
    #expect(found.severity == .warning && found.remedy.contains("sed -i '1s/") && found.remedy.hasSuffix("update-grub"))
    #expect(found.evidence.filter { $0.value.contains("10ee:5000") }.count == 2)
  }

  @Test func functionsOfADeviceWithTheSameQuarrelAreOne() throws {
    let files = ["/etc/driverctl.d/pci-0000:01:00.0": "vfio-pci\n", "/etc/driverctl.d/pci-0000:01:00.1": "vfio-pci\n"]
    let found = Examined.examination(driver: "vfio-pci", cmdline: "vfio-pci.ids=10ee:5000,10ee:5001,10ee:6000", files)
      .findings(.rivalTools)
    #expect(found.map(\.functions) == [[Examined.first, Examined.second]])
    #expect(found.first?.remedy.hasPrefix("Keep one of them") == true)
  }

  @Test(
    "a udev rule names functions by patterns of theirs",
    arguments: [
      ("KERNEL==\"0000:01:00.?\"", [Examined.first, Examined.second]),
      ("KERNEL==\"0000:0[!1]:00.0\"", [Examined.other]),
      ("KERNEL==\"0000:03:*\"", []), ("KERNEL==\"*:00.0|x\", ATTR{device}==\"0x5*\"", [Examined.first]),
      ("ATTR{vendor}==\"0x10e?\", ATTR{device}==\"0x500[1-9]\"", [Examined.second]),
      ("ATTR{vendor}==\"0x10e?\"", [Examined.first, Examined.second, Examined.other]),
      ("KERNEL!=\"0000:0*\"", []), ("KERNEL==\"0000:*\", ATTR{class}==\"0x03*\"", []),
      ("KERNEL==\"0000:*\", ATTR{subsystem_vendor}==\"0x10ef\"", []),
    ])
  func udevPatterns(_ conditions: String, _ expected: [Address]) {
    let rule = "SUBSYSTEM==\"pci\", \(conditions), ATTR{driver_override}=\"vfio-pci\"\n"
    let claims = Examined.examination(["/etc/udev/rules.d/99-vfio.rules": rule]).claims.filter { $0.tool == .udev }
    #expect(claims.flatMap(\.functions) == expected)
  }
}
