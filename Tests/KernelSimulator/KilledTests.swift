import System
import Testing

@testable import KernelSimulator

/// Killed between two file changes: the next look sees the kernel before or after the write.
@Suite struct KilledTests {
  let function = "/sys/bus/pci/devices/0000:01:00.0"
  let unfinished = "/run/hostdev-simulator/unfinished/0000:01:00.0"

  private func ready() throws -> SimulatedCapture {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0", below: "0000:00:01.0", driver: "e1000e", group: 12)
    try capture.sysfs.loadModule("vfio-pci", arguments: ["ids="])
    #expect(capture.write("vfio-pci", "\(function)/driver_override") == nil)
    return capture
  }

  @Test func beforeTheLinkChangesNothingHasHappened() throws {
    let capture = try ready()
    try capture.file(unfinished, "")
    _ = capture.sysfs
    #expect(capture.tree.linkName("\(function)/driver") == "e1000e")
    #expect(capture.tree.isLink("/sys/bus/pci/drivers/e1000e/0000:01:00.0"))
    #expect(!capture.tree.exists(unfinished))
  }

  @Test func afterTheLinkIsGoneTheUnbindIsDone() throws {
    let capture = try ready()
    try capture.file(unfinished, "")
    try capture.root.remove("\(function)/driver")
    _ = capture.sysfs
    #expect(!capture.tree.isLink("/sys/bus/pci/drivers/e1000e/0000:01:00.0"))
    #expect(capture.tree.text("\(function)/uevent") == "PCI_SLOT_NAME=0000:01:00.0")
    #expect(capture.write("0000:01:00.0", "/sys/bus/pci/drivers/vfio-pci/bind") == nil)
  }

  @Test func afterTheLinkIsThereTheBindIsDone() throws {
    let capture = try ready()
    #expect(capture.write("0000:01:00.0", "\(function)/driver/unbind") == nil)
    try capture.file(unfinished, "")
    try capture.tree.link(
      "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver", to: "../../../../bus/pci/drivers/vfio-pci")
    _ = capture.sysfs
    #expect(capture.tree.isLink("/sys/bus/pci/drivers/vfio-pci/0000:01:00.0"))
    #expect(capture.tree.names("\(function)/vfio-dev") == ["vfio0"])
    #expect(capture.tree.exists("/dev/vfio/12"))
    #expect(capture.tree.text("\(function)/uevent") == "DRIVER=vfio-pci\nPCI_SLOT_NAME=0000:01:00.0")
  }

  @Test func manyWritersLeaveOneDriver() async throws {
    let capture = try ready()
    let sysfs = capture.sysfs
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          for _ in 0..<20 {
            let driver = number % 2 == 0 ? "vfio-pci" : "e1000e"
            try? sysfs.write(Array(driver.utf8), to: "\(function)/driver_override")
            try? sysfs.write(Array("0000:01:00.0".utf8), to: "\(function)/driver/unbind")
            try? sysfs.write(Array("0000:01:00.0".utf8), to: "/sys/bus/pci/drivers/\(driver)/bind")
          }
        }
      }
    }
    let driver = capture.tree.linkName("\(function)/driver")
    let holders = capture.tree.names("/sys/bus/pci/drivers").filter {
      capture.tree.isLink("/sys/bus/pci/drivers/\($0)/0000:01:00.0")
    }
    #expect(holders == (driver.map { [$0] } ?? []))
    #expect(capture.tree.exists("/dev/vfio/12") == (driver == "vfio-pci"))
  }
}
