import System
import Testing

@testable import KernelSimulator

/// A capture may lack any file.
@Suite struct SimulatedSparseTests {
  @Test func aFunctionWithoutFilesMovesAllTheSame() throws {
    let capture = try SimulatedCapture()
    let folder = "/sys/bus/pci/devices/0000:01:00.0"
    try capture.tree.removeAll("/sys/kernel")
    try capture.tree.removeAll("/sys/bus/pci/drivers")
    try capture.root.makeDirectory(folder)
    try capture.tree.link("\(folder)/driver", to: "../../drivers/xocl")
    try capture.sysfs.loadModule("vfio-pci", arguments: ["ids="])
    #expect(capture.write("vfio-pci", "\(folder)/driver_override") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/xocl/unbind") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/bind") == nil)
    #expect(try capture.root.linkTarget("\(folder)/driver") == "../../../../bus/pci/drivers/vfio-pci")
    #expect(!capture.tree.exists("\(folder)/uevent"))
    #expect(capture.write("xocl", "\(folder)/driver_override") == nil)
    #expect(capture.write("0000:01:00.0", "\(folder)/driver/unbind") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/xocl/bind") == nil)
    #expect(capture.tree.linkName("\(folder)/driver") == "xocl")
  }

  @Test func withoutAnIOMMUVFIORefuses() throws {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0")
    try capture.sysfs.loadModule("vfio-pci")
    #expect(capture.write("vfio-pci", "/sys/bus/pci/devices/0000:01:00.0/driver_override") == nil)
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/bind") == .invalid)
  }

  @Test func consumersByDeviceLinkAreUnboundWithTheirSupplier() throws {
    let capture = try SimulatedCapture()
    let supplier = try capture.function("0000:01:00.0", driver: "nvidia", group: 1)
    let consumer = try capture.function("0000:01:00.1", driver: "snd_hda_intel", group: 1)
    try capture.tree.link("\(supplier)/consumer:pci:0000:01:00.1", to: "../nowhere")
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/nvidia/unbind") == nil)
    #expect(!capture.tree.isLink("\(consumer)/driver"))
  }
}
