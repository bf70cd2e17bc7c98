import System
import Testing

@testable import KernelSimulator

@Suite struct SimulatedFaultTests {
  let override = "/sys/bus/pci/devices/0000:01:00.0/driver_override"

  @Test func aWriteFailsByPathAndValueAsOftenAsIsSaid() throws {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0")
    try capture.file(
      "/run/hostdev-simulator/faults.json",
      #"{"writes": [{"path": "\#(override)", "value": "vfio-pci", "errno": "EIO", "times": 1}]}"#)
    #expect(capture.write("other", override) == nil)
    #expect(capture.write("vfio-pci", override) == .io)
    #expect(capture.tree.text(override) == "other")
    #expect(capture.write("vfio-pci", override) == nil)
  }

  @Test func theNthWriteFails() throws {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0")
    try capture.file("/run/hostdev-simulator/faults.json", #"{"nth": {"2": {"errno": "EBUSY"}}}"#)
    #expect(["a", "b", "c"].map { capture.write($0, override) } == [nil, .busy, nil])
    #expect(capture.tree.text(override) == "c")
  }

  @Test func faultsAreGivenWithoutAFile() throws {
    let capture = try SimulatedCapture()
    try capture.function("0000:01:00.0")
    let sysfs = SimulatedSysfs(
      root: capture.root, faults: Faults(writes: [.init(path: "/sys/bus/pci/devices/*", errno: "EPERM")]),
      clock: .system)
    #expect(throws: (any Error).self) { try sysfs.write([0x61], to: override) }
  }
}
