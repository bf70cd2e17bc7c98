import PCI
import System
import TestSupport
import Testing

@testable import KernelSimulator

/// What goes with a driver, and a function that does not answer.
@Suite struct RemovalSimulatedTests {
  /// `vmd_remove`: a disk that a guest has makes the write wait, as any unbind of it does.
  @Test func aRootBusGoesAndComesWithItsDriver() throws {
    let capture = try SimulatedCapture(Fixture("vmd"))
    let folder = "/sys/bus/pci/devices/10000:e2:00.0"
    #expect(capture.write("0000:00:0e.0", "/sys/bus/pci/drivers/vmd/unbind") == nil)
    #expect(!capture.exists(folder) && !capture.exists("/sys/bus/pci/drivers/nvme/10000:e2:00.0"))
    #expect(capture.write("0000:00:0e.0", "/sys/bus/pci/drivers/vmd/bind") == nil)
    #expect(capture.tree.linkName("\(folder)/driver") == "nvme")
    // One that its administrator unbound is left alone by what settles later.
    #expect(capture.write("10000:e2:00.0", "/sys/bus/pci/drivers/nvme/unbind") == nil)
    #expect(capture.write("x", "/sys/bus/pci/devices/0000:00:0e.0/driver_override") == nil)
    #expect(capture.tree.linkName("\(folder)/driver") == nil)
  }

  /// `igb_remove` disables SR-IOV; a driver that does not (`nvme_remove`) leaves its VFs: see the contract.
  @Test func virtualFunctionsGoWithADriverThatDisablesThem() throws {
    let capture = try SimulatedCapture(Fixture("nic-vfs"))
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/igb/unbind") == nil)
    #expect(!capture.exists("/sys/bus/pci/devices/0000:01:10.0"))
    #expect(capture["/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs"] == "0\n")
  }

  @Test func theProbeOfAFunctionThatReadsAllOnesFails() throws {
    let capture = try SimulatedCapture(Fixture("nvme-root"))
    #expect(capture.write("0000:04:00.0", "/sys/bus/pci/drivers/nvme/unbind") == nil)
    try capture.file("/sys/bus/pci/devices/0000:04:00.0/config", [UInt8](repeating: 0xff, count: 256))
    #expect(capture.write("0000:04:00.0", "/sys/bus/pci/drivers/nvme/bind") == .noDevice)
    // A probe through the bus says nothing.
    #expect(capture.write("0000:04:00.0", "/sys/bus/pci/drivers_probe") == nil)
    #expect(capture.tree.linkName("/sys/bus/pci/devices/0000:04:00.0/driver") == nil)
  }
}
