import PCI
import Sysfs
import System
import TestSupport
import Testing

@testable import KernelSimulator

/// What is read under the device lock while another task holds it: every attribute, every reason, both kernels.
@Suite struct SimulatedLockTests {
  static let kernels = ["6.1.0-57-amd64", "6.12.117+deb12-amd64"]
  /// Function, and what is put into `run/hostdev-simulator` so that its lock is kept.
  static let reasons: [(String, [String: String])] = [
    ("0000:01:00.0", ["pending/0000:01:00.0": "vfio-pci", "holders/0000:01:00.0": ""]),
    ("0000:01:00.0", ["probing/0000:01:00.0": ""]),
    (
      "0000:01:00.0",
      ["leaving/0000:01:00.0": "0000:01:10.0", "pending/0000:01:10.0": "vfio-pci", "holders/0000:01:10.0": ""]
    ),
    ("0000:01:10.0", ["pending/0000:01:10.0": "vfio-pci", "holders/0000:01:10.0": ""]),
    (
      "0000:03:00.0",
      ["leaving/0000:03:00.0": "0000:03:00.0", "pending/0000:03:00.0": "vfio-pci", "holders/0000:03:00.0": ""]
    ),
    ("0000:01:10.0", ["probing/0000:01:10.0": ""]),
    ("0000:03:00.0", ["pending/0000:03:00.0": "vfio-pci", "holders/0000:03:00.0": ""]),
    ("0000:03:00.0", ["probing/0000:03:00.0": ""]),
  ]

  private func locked(_ attribute: String, _ release: String) -> Bool {
    switch attribute {
    case "sriov_numvfs": true
    case "uevent", "driver_override": release.hasPrefix("6.1.")
    default: false
    }
  }

  @Test(arguments: kernels, reasons.indices)
  func everyAttributeAnswersOrIsSaidNotTo(release: String, place: Int) throws {
    let (address, files) = Self.reasons[place]
    let capture = try SimulatedCapture(Fixture("nic-vfs"))
    try capture.file("/proc/sys/kernel/osrelease", release + "\n")
    for (name, text) in files { try capture.file("\(Hidden.folder)/\(name)", text) }
    let reading = SimulatedSysfs.reading(capture.root, clock: .system)
    let folder = "\(BusPath.devices)/\(address)"
    let names = capture.tree.names(folder).filter { capture.tree.bytes("\(folder)/\($0)") != nil }
    #expect(names.contains("uevent") && names.contains("driver_override") && names.contains("config"))
    for name in names {
      let isSilent = locked(name, release)
      #expect(errno(reading, "\(folder)/\(name)") == (isSilent ? .timedOut : nil), "\(name)")
      let together = reading.read(["\(folder)/\(name)", "\(BusPath.devices)/0000:02:00.0/uevent"])
      #expect(together.map { (try? $0.get()) == nil } == [isSilent, false], "\(name)")
    }
    // Once the lock is free every attribute answers.
    for name in files.keys where !name.hasPrefix("leaving") { try capture.root.remove("\(Hidden.folder)/\(name)") }
    _ = capture.sysfs
    let after = SimulatedSysfs.reading(capture.root, clock: .system)
    for name in names { #expect(errno(after, "\(folder)/\(name)") == nil, "\(name)") }
  }

  private func errno(_ sysfs: any Sysfs, _ path: String) -> Errno? {
    do {
      _ = try sysfs.read(path)
      return nil
    } catch { return error.errno }
  }
}
