import System
import Testing

@testable import KernelSimulator

@Suite struct BindingTests {
  let card = "/sys/bus/pci/devices/0000:01:00.0"

  @Test func functionMovesToVFIOAndBack() throws {
    let capture = try SimulatedCapture()
    try capture.function("0000:00:01.0", code: "0x060400", driver: "pcieport", group: 1, header: 1)
    let folder = try capture.function(
      "0000:01:00.0", below: "0000:00:01.0", driver: "e1000e", group: 12, methods: "pm bus")
    try capture.sysfs.loadModule("vfio-pci", arguments: ["ids="])
    #expect(capture.write("vfio-pci", "\(card)/driver_override") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/bind") == .busy)
    #expect(capture.write("0000:01:00.0", "\(card)/driver/unbind") == nil)
    #expect(!capture.tree.isLink("\(folder)/driver"))
    #expect(!capture.tree.isLink("/sys/bus/pci/drivers/e1000e/0000:01:00.0"))
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/bind") == nil)
    #expect(try capture.root.linkTarget("\(folder)/driver") == "../../../../bus/pci/drivers/vfio-pci")
    #expect(
      try capture.root.linkTarget("/sys/bus/pci/drivers/vfio-pci/0000:01:00.0")
        == "../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0")
    #expect(capture.tree.text("\(card)/uevent") == "DRIVER=vfio-pci\nPCI_SLOT_NAME=0000:01:00.0")
    #expect(capture.tree.names("\(card)/vfio-dev") == ["vfio0"])
    #expect(capture.tree.names("/dev/vfio") == ["12", "vfio"])
    #expect(capture.tree.text("\(card)/power_state") == "D3hot")

    #expect(capture.write("e1000e", "\(card)/driver_override") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/unbind") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/e1000e/bind") == nil)
    #expect(capture.write("\n", "\(card)/driver_override") == nil)
    #expect(capture.tree.text("\(card)/driver_override") == "(null)")
    #expect(capture.tree.names("/dev/vfio") == ["vfio"])
    #expect(!capture.tree.exists("\(card)/vfio-dev"))
    #expect(capture.tree.linkName("\(folder)/driver") == "e1000e")
  }
}
