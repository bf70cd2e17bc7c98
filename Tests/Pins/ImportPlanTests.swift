import Checks
import Host
import PCI
import TestSupport
import Testing

@testable import Pins

@Suite("Other tools' settings as pins")
struct ImportPlanTests {
  private static let pin = DeclaredPin(
    name: "pci_0000_01_00", file: "/p.json", functions: [Examined.first, Examined.second], driver: "vfio-pci",
    actual: .inPlace)

  @Test func idsOfOneDeviceAreOnePin() {
    let plan = Examined.examination(
      cmdline: "vfio-pci.ids=10ee:5000,10ee:5001",
      ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"vfio-pci.ids=10ee:5000,10ee:5001\"\n"]
    ).importPlan()
    #expect(plan.left == [] && plan.proposals.count == 1)
    #expect(plan.proposals.first?.name == "pci_0000_01_00" && plan.proposals.first?.driver == "vfio-pci")
    #expect(plan.proposals.first?.functions == [Examined.first, Examined.second])
    #expect(plan.proposals.first?.sources.map(\.place) == ["/proc/cmdline", "/etc/default/grub:1"])
    #expect(plan.proposals.first?.afterwards.count == 1)
  }

  @Test func twinsAreSaidAndNotGuessed() throws {
    let plan = Examined.examination(other: 0x5000, cmdline: "vfio-pci.ids=10ee:5000,10ee:5001").importPlan()
    #expect(plan.proposals.map(\.functions) == [[Examined.second]])
    let left = try #require(plan.left.first)
    #expect(plan.left.count == 1 && left.isOpen && left.functions == [Examined.first, Examined.other])
    #expect(left.remedy.contains("hostdev pin NAME 0000:01:00; hostdev pin NAME 0000:02:00"))
    // The line is still needed by what is not pinned.
    #expect(plan.proposals.first?.afterwards == [])
  }

  @Test func driverctlNamesWhichOfTwins() {
    let plan = Examined.examination(other: 0x5000, ["/etc/driverctl.d/pci-0000:02:00.0": "vfio-pci\n"]).importPlan()
    #expect(plan.proposals.map(\.functions) == [[Examined.other]] && plan.left == [])
    #expect(plan.proposals.first?.afterwards == ["rm /etc/driverctl.d/pci-0000:02:00.0"])
  }

  @Test func aHostDriverIsNoPin() {
    let plan = Examined.examination(["/etc/driverctl.d/pci-0000:02:00.0": "uio_pci_generic\n"]).importPlan()
    #expect(plan.proposals == [] && plan.left.map(\.isOpen) == [false])
  }

  @Test func whatIsPinnedIsOnlyTakenBack() {
    let plan = Examined.examination(
      cmdline: "vfio-pci.ids=10ee:5000,10ee:5001", ["/etc/kernel/cmdline": "vfio-pci.ids=10ee:5000,10ee:5001"]
    ) { $0.pins = [Self.pin] }.importPlan()
    #expect(plan.proposals == [] && plan.left.count == 1)
    #expect(plan.left.first?.reason == "already pinned (pci_0000_01_00)" && plan.left.first?.isOpen == false)
    #expect(plan.left.first?.remedy.hasPrefix("sed -i '1s/") == true)
  }

  @Test func aNameThatIsTakenGetsANumber() {
    let plan = Examined.examination(cmdline: "vfio-pci.ids=10ee:5000") {
      $0.pins = [
        DeclaredPin(
          name: "pci_0000_01_00", file: "/p.json", functions: [], driver: "vfio-pci",
          actual: .malformed(reason: "x"))
      ]
    }.importPlan()
    #expect(plan.proposals.map(\.name) == ["pci_0000_01_00-2"])
  }

  @Test func linesOfModprobeCountToo() {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/v.conf", line: 4, command: .options, module: "vfio_pci",
      arguments: "ids=10ee:6000:ffffffff:ffffffff disable_vga=1")
    let plan = Examined.examination(["/etc/initramfs-tools/modules": "pci-stub ids=10ee:5000\n"]) {
      $0.surroundings.modprobeLines = [line]
    }.importPlan()
    #expect(plan.proposals.map { "\($0.name) \($0.driver)" } == ["pci_0000_01_00 vfio-pci", "pci_0000_02_00 vfio-pci"])
    #expect(
      plan.proposals.last?.afterwards == [
        "sed -i '4s/^/#/' /etc/modprobe.d/v.conf && update-initramfs -u -k all"
      ])
  }

  @Test func idsThatNothingHasAreSaid() {
    let plan = Examined.examination(cmdline: "vfio-pci.ids=dead:beef").importPlan()
    #expect(plan.proposals == [] && plan.left.first?.reason.contains("dead:beef matches no device") == true)
  }
}
