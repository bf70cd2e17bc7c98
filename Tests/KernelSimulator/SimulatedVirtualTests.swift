import Host
import Links
import PCI
import System
import TestSupport
import Testing

@testable import KernelSimulator

/// Virtual functions that come and go, and what their card keeps of them.
@Suite struct SimulatedVirtualTests {
  private static let physical = "/sys/bus/pci/devices/0000:01:00.1"
  private static let first = "/sys/bus/pci/devices/0000:01:10.1"

  private func ready() throws -> SimulatedCapture {
    let capture = try SimulatedCapture(Fixture("nic-vfs"))
    #expect(capture.write("0", "\(Self.physical)/sriov_drivers_autoprobe") == nil)
    #expect(capture.write("2", "\(Self.physical)/sriov_numvfs") == nil)
    return capture
  }

  /// `pci_device_can_probe`: whatever the way, only the driver that its override names.
  @Test func oneThatIsOfferedToNobodyTakesOnlyTheDriverOfItsOverride() throws {
    let capture = try ready()
    #expect(capture.write("0000:01:10.1", "/sys/bus/pci/drivers/igbvf/bind") == .noDevice)
    #expect(capture.write("0000:01:10.1", "/sys/bus/pci/drivers_probe") == nil)
    #expect(capture.tree.linkName("\(Self.first)/driver") == nil)
    #expect(capture.write("igbvf", "\(Self.first)/driver_override") == nil)
    #expect(capture.write("0000:01:10.1", "/sys/bus/pci/drivers/igbvf/bind") == nil)
    #expect(capture.tree.linkName("\(Self.first)/driver") == "igbvf")
  }

  @Test func onceTheyAreOfferedAgainAProbeTakesThem() throws {
    let capture = try ready()
    #expect(capture.write("1", "\(Self.physical)/sriov_drivers_autoprobe") == nil)
    #expect(capture.write("0000:01:10.1", "/sys/bus/pci/drivers_probe") == nil)
    #expect(capture.tree.linkName("\(Self.first)/driver") == "igbvf")
  }

  @Test func theCardKeepsWhatItWasToldUntilTheyGo() throws {
    let capture = try ready()
    let links = SimulatedLinks(capture.sysfs)
    let fresh = try #require(try links.settings(on: "enp1s0f1")[1])
    #expect(fresh == [.mac: "00:00:00:00:00:00", .vlan: "0", .spoofCheck: "on", .trust: "off"])
    try links.run(LinkCommand(interface: "enp1s0f1", index: 1, setting: .vlan, value: "100"))
    try links.run(LinkCommand(interface: "enp1s0f1", index: 1, setting: .mac, value: "52:54:00:00:09:01"))
    let told = try links.settings(on: "enp1s0f1")
    #expect(told[1]?[.vlan] == "100" && told[1]?[.mac] == "52:54:00:00:09:01" && told[0]?[.vlan] == "0")
    // Sysfs knows nothing of it.
    #expect(!capture.tree.names(Self.physical).contains { $0.hasPrefix("vf") })
    #expect(capture.write("0", "\(Self.physical)/sriov_numvfs") == nil)
    #expect(try links.settings(on: "enp1s0f1").isEmpty)
    #expect(capture.write("2", "\(Self.physical)/sriov_numvfs") == nil)
    #expect(try links.settings(on: "enp1s0f1")[1] == fresh)
  }

  @Test func aCapturedOneHasTheAddressOfItsOwnInterface() throws {
    let capture = try SimulatedCapture(Fixture("nic-vfs"))
    let found = try SimulatedLinks(capture.sysfs).settings(on: "enp1s0f0")
    #expect(found.count == 4)
    #expect(found[2]?[.mac] == "52:54:00:00:02:02")
    #expect(found[1]?[.mac] == "00:00:00:00:00:00", "a guest has it")
  }

  @Test func whatNoCardTakesIsRefused() throws {
    let capture = try ready()
    let links = SimulatedLinks(capture.sysfs)
    for (setting, value, index, interface, errno) in [
      (VirtualSetting.trust, "on", 2, "enp1s0f1", Errno.invalid), (.mac, "01:00:5e:00:00:01", 0, "enp1s0f1", .invalid),
      (.trust, "on", 0, "nothing", .noDevice), (.trust, "on", 0, "enp3s0", .noDevice),
    ] {
      let error = #expect(throws: LinkError.self) {
        try links.run(LinkCommand(interface: interface, index: index, setting: setting, value: value))
      }
      #expect(error?.errno == errno, "\(setting) \(value) of \(index) on \(interface)")
    }
  }

  @Test func aFaultIsMetByTheCommandOfThePlan() throws {
    let capture = try ready()
    let faults = Faults(writes: [
      .init(path: "\(Self.physical)/net/enp1s0f1", value: "ip link set dev enp1s0f1 vf 0 trust on", errno: "EOPNOTSUPP")
    ])
    let links = SimulatedLinks(SimulatedSysfs(root: capture.root, faults: faults, clock: .system))
    let error = #expect(throws: LinkError.self) {
      try links.run(LinkCommand(interface: "enp1s0f1", index: 0, setting: .trust, value: "on"))
    }
    #expect(error?.errno == .notSupported && error?.words == "RTNETLINK answers: Operation not supported")
    try links.run(LinkCommand(interface: "enp1s0f1", index: 0, setting: .trust, value: "off"))
  }
}
