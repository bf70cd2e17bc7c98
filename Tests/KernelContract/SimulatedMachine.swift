import Foundation
import KernelContract
import KernelSimulator
import Sysfs
import System

/// The simulator, on a copy of the guest's tree, with what the lab's guest does beside it.
struct SimulatedMachine: TestMachine {
  let sysfs: SimulatedSysfs
  let root: Root

  private static let folder = "/run/hostdev-simulator"

  func loadModule(_ name: String, _ arguments: [String]) throws { try sysfs.loadModule(name, arguments: arguments) }
  func unloadModule(_ name: String) throws { try sysfs.unloadModule(name) }

  func hold(_ address: String, group: String) throws -> () -> Void {
    let holder = "\(Self.folder)/holders/\(address)"
    try root.makeDirectory("\(Self.folder)/holders")
    try root.replace(holder, with: [])
    return { _ = try? root.remove(holder) }
  }

  func open(group: String) throws -> String { sysfs.open(group: Int(group) ?? -1) }

  /// The link is a folder in the supplier's, as sysfs shows it.
  func link(consumer: String, supplier: String) throws -> () -> Void {
    let link = "/sys/bus/pci/devices/\(supplier)/consumer:pci:\(consumer)"
    try root.makeDirectory(link)
    return { _ = try? root.removeDirectory(link) }
  }

  func probes(answer errno: Errno?) throws {
    // The module's driver is not called as the module is, and no capture knows it.
    let drivers = "/sys/module/hostdev_lab/drivers"
    try root.makeDirectory(drivers)
    if !root.exists("\(drivers)/pci:hostdev-lab") { try root.replace("\(drivers)/pci:hostdev-lab", with: []) }
    try sysfs.loadModule("hostdev-lab")
    let fault = errno.map { "{\"errno\": \"\($0.name)\"}" } ?? "{}"
    try root.replace("\(Self.folder)/faults.json", with: Array("{\"probes\": {\"hostdev-lab\": \(fault)}}".utf8))
  }

  /// What a disk carries is nothing to the kernel, and nothing to the simulator.
  func mount(_ address: String) throws -> () -> Void { {} }

  func begin(_ value: [UInt8], to path: String) throws -> any PendingCall {
    Running {
      do throws(SysfsError) {
        try sysfs.write(value, to: path)
        return (nil, "")
      } catch { return (error.errno, "") }
    }
  }

  func begin(reading path: String) throws -> any PendingCall {
    Running {
      do throws(SysfsError) { return (nil, try sysfs.text(path)) } catch { return (error.errno, error.errno.name) }
    }
  }
}

/// A thread that is left behind if it does not come back.
private final class Running: PendingCall, @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private(set) var errno: Errno?
  private(set) var text = ""
  private var isDone = false

  init(_ body: @escaping @Sendable () -> (Errno?, String)) {
    Thread.detachNewThread { [self] in
      (errno, text) = body()
      done.signal()
    }
  }

  func isDone(until deadline: ContinuousClock.Instant) throws -> Bool {
    if isDone { return true }
    let left = ContinuousClock.now.duration(to: deadline).components
    let milliseconds = max(0, Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000))
    isDone = done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    return isDone
  }
}
