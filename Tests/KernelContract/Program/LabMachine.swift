import KernelContract
import Sysfs
import System

/// The guest of the lab, with the programs that it brings: `viable`, and the module `hostdev_lab`.
struct LabMachine: TestMachine {
  let sysfs: TreeSysfs

  private static let lab = "/sys/module/hostdev_lab"
  /// EPROBE_DEFER, which no process ever sees.
  private static let deferred = 517

  func loadModule(_ name: String, _ arguments: [String]) throws { try run("/sbin/modprobe", [name] + arguments) }

  func unloadModule(_ name: String) throws { try run("/sbin/rmmod", [name]) }

  /// The program opens the group and the function, and says `held`.
  func hold(_ address: String, group: String) throws -> () -> Void {
    let holder = try Child(
      "/usr/bin/viable", ["viable", "-d", address, "-w", "60", group], ignoringSignals: false, clock: .system)
    let deadline = ContinuousClock.now + .seconds(10)
    while let line = try holder.line(until: deadline) {
      if String(decoding: line, as: UTF8.self) == "held" {
        return {
          Signal.kill(holder.pid)
          holder.wait()
        }
      }
    }
    throw SystemError(call: "open", path: "/dev/vfio/\(group)", errno: .timedOut)
  }

  func open(group: String) throws -> String {
    let (_, said) = try Child.run("/usr/bin/viable", ["viable", group], clock: .system)
    var words: [String] = []
    for line in said.split(separator: "\n") {
      if line.hasPrefix("viable=") { words.append(String(line)) }
      if line.hasPrefix("refused="), let number = line.split(separator: " ").first(where: { $0.hasPrefix("errno=") }) {
        words.append(Errno(rawValue: Int32(number.dropFirst("errno=".utf8.count)) ?? 0).name)
      }
    }
    return words.joined(separator: " ")
  }

  func link(consumer: String, supplier: String) throws -> () -> Void {
    try loadLab()
    try sysfs.write(Array("\(consumer) \(supplier)".utf8), to: Self.lab + "/parameters/link")
    return {}  // the kernel ends it with the consumer's driver
  }

  func probes(answer errno: Errno?) throws {
    try loadLab()
    let number = errno == .tryAgain ? Self.deferred : Int(errno?.rawValue ?? 0)
    try sysfs.write(Array("\(number)".utf8), to: Self.lab + "/parameters/probe_errno")
  }

  func mount(_ address: String) throws -> () -> Void {
    let controller = try sysfs.entries("/sys/bus/pci/devices/\(address)/nvme").first ?? ""
    let disk = try sysfs.entries("/sys/bus/pci/devices/\(address)/nvme/\(controller)").first { $0.hasPrefix("nvme") }
    guard let disk else { throw SystemError(call: "mount", path: address, errno: .noEntry) }
    try run("/sbin/mke2fs", ["/dev/\(disk)"])
    try run("/bin/mount", ["-t", "ext4", "/dev/\(disk)", "/root"])
    return { _ = try? Child.run("/bin/umount", ["umount", "-l", "/root"], clock: .system) }
  }

  func begin(_ value: [UInt8], to path: String) throws -> any PendingCall {
    try SeparateProcess.write(value: value, path: path).begin()
  }

  func begin(reading path: String) throws -> any PendingCall { try SeparateProcess.read(path: path).begin() }

  private func loadLab() throws {
    if !sysfs.exists(Self.lab) { try run("/sbin/insmod", ["/lab/hostdev_lab.ko"]) }
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let name = program.split(separator: "/").last.map(String.init) ?? program
    let (status, said) = try Child.run(program, [name] + arguments, clock: .system)
    if status != 0 { throw Refused(description: "\(name) \(arguments): status \(status): \(said.suffix(300))") }
  }
}

/// A program of the guest that failed, and what it said.
struct Refused: Error, CustomStringConvertible {
  let description: String
}
