import Dispatch
import System
import Testing

@testable import KernelSimulator

/// A process holds the function through VFIO: kernel.md, the bullets on unbinding.
@Suite struct HolderTests {
  let function = "/sys/bus/pci/devices/0000:01:00.0"
  let holder = "/run/hostdev-simulator/holders/0000:01:00.0"

  /// Two functions of one group on vfio-pci, the first held.
  private func held() throws -> SimulatedCapture {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0", below: "0000:00:01.0", driver: "e1000e", group: 12, methods: "pm bus")
    try capture.function("0000:01:00.1", below: "0000:00:01.0", driver: "e1000e", group: 12)
    try capture.sysfs.loadModule("vfio-pci", arguments: ["ids="])
    for address in ["0000:01:00.0", "0000:01:00.1"] {
      #expect(capture.write("vfio-pci", "/sys/bus/pci/devices/\(address)/driver_override") == nil)
      #expect(capture.write(address, "/sys/bus/pci/drivers/e1000e/unbind") == nil)
      #expect(capture.write(address, "/sys/bus/pci/drivers/vfio-pci/bind") == nil)
    }
    try capture.file(holder, "")
    return capture
  }

  @Test func unbindWaitsForTheHolder() throws {
    let capture = try held()
    // Threads of their own: these writes sleep, as a writer sleeps in the kernel.
    let waiting = DispatchGroup()
    let queue = DispatchQueue(label: "writers", attributes: .concurrent)
    let sysfs = capture.sysfs
    queue.async(group: waiting) {
      try? sysfs.write(Array("0000:01:00.0".utf8), to: "/sys/bus/pci/drivers/vfio-pci/unbind")
    }
    for _ in 0..<500 where capture.tree.isLink("\(function)/driver") { Clock.system.sleep(milliseconds: 10) }
    // The link is gone and the VFIO device is not.
    #expect(!capture.tree.isLink("\(function)/driver"))
    #expect(capture.tree.names("\(function)/vfio-dev") == ["vfio0"])
    queue.async(group: waiting) { try? sysfs.write([0x31], to: "\(function)/reset") }
    queue.async(group: waiting) { _ = try? sysfs.read("\(function)/driver_override") }
    // Other functions answer meanwhile.
    #expect(capture.write("other", "/sys/bus/pci/devices/0000:01:00.1/driver_override") == nil)
    #expect(waiting.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
    try capture.root.remove(holder)
    #expect(waiting.wait(timeout: .now() + .seconds(10)) == .success)
    #expect(!capture.tree.exists("\(function)/vfio-dev"))
    // The sibling keeps the group's node.
    #expect(capture.tree.exists("/dev/vfio/12"))
  }

  @Test func unbindGoesOnWithoutItsWriter() throws {
    let capture = try held()
    // What a writer that was killed while it waited leaves.
    try capture.file("/run/hostdev-simulator/pending/0000:01:00.0", "vfio-pci")
    try capture.root.remove("\(function)/driver")
    try capture.root.remove("/sys/bus/pci/drivers/vfio-pci/0000:01:00.0")
    _ = capture.sysfs
    #expect(capture.tree.exists("\(function)/vfio-dev"))
    try capture.root.remove(holder)
    _ = capture.sysfs
    #expect(!capture.tree.exists("\(function)/vfio-dev"))
  }

  @Test func nativeDriversStayAwayFromAHeldGroup() throws {
    let capture = try held()
    #expect(capture.write("\n", "/sys/bus/pci/devices/0000:01:00.1/driver_override") == nil)
    #expect(capture.write("0000:01:00.1", "/sys/bus/pci/drivers/vfio-pci/unbind") == nil)
    #expect(capture.write("0000:01:00.1", "/sys/bus/pci/drivers/e1000e/bind") == .busy)
    #expect(capture.write("0000:01:00.1", "/sys/bus/pci/drivers_probe") == .invalid)
    try capture.root.remove(holder)
    #expect(capture.write("0000:01:00.1", "/sys/bus/pci/drivers/e1000e/bind") == nil)
  }
}
