import System
import TestSupport
import Testing

@testable import KernelSimulator

/// Whole hosts of the repository, moved on a copy.
@Suite struct SimulatedFixtureTests {
  @Test func aCardBoundAtBootGoesHomeAndBack() throws {
    let capture = try SimulatedCapture(Fixture("alveo-grub"))
    for (address, driver) in [("0000:01:00.0", "xclmgmt"), ("0000:01:00.1", "xocl")] {
      let folder = "/sys/bus/pci/devices/\(address)"
      try capture.sysfs.loadModule(driver)
      #expect(capture.write(driver, "\(folder)/driver_override") == nil)
      #expect(capture.write(address, "/sys/bus/pci/drivers/vfio-pci/unbind") == nil)
      #expect(capture.write(address, "/sys/bus/pci/drivers/\(driver)/bind") == nil)
      #expect(capture.write("\n", "\(folder)/driver_override") == nil)
      #expect(capture.tree.linkName("\(folder)/driver") == driver)
      // Its id is still vfio-pci's, as at boot.
      #expect(capture.write(address, "\(folder)/driver/unbind") == nil)
      #expect(capture.write(address, "/sys/bus/pci/drivers/vfio-pci/bind") == nil)
      #expect(capture.tree.linkName("\(folder)/driver") == "vfio-pci")
    }
  }
}
