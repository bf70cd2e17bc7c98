import Host
import PCI
import Sysfs
import System

/// A captured tree behind a simulated kernel: reads see the tree, writes are answered as kernel.md's table says and
/// change the tree, so that the next process sees what this one did.
///
/// Writes of several processes are one after the other; a write that waits for a holder lets the others pass.
public struct SimulatedSysfs: Sysfs {
  private let tree: TreeSysfs
  private let root: Root
  private let kernel: Kernel
  private let faults: FaultPlan
  private let isReader: Bool
  private let clock: Clock
  /// Who writes waits no longer for a holder, or for a lock.
  private let hasWaitedEnough: @Sendable () -> Bool

  /// What a capture's reader sees: the plain tree, or if something in it waits for a holder, what the kernel answers
  /// meanwhile.
  public static func reading(_ root: Root, clock: Clock) -> any Sysfs {
    Hidden(tree: Tree(root: root)).hasWaiting
      ? SimulatedSysfs(root: root, isReader: true, clock: clock) : TreeSysfs(root, isWritable: false)
  }

  /// `faults`: instead of those in the capture's `run/hostdev-simulator/faults.json`. `isReader`: writes
  /// nothing, not even what a killed process left undone. `hasWaitedEnough`: called while something waits for a holder
  /// or a lock; if it is true the answer is ETIMEDOUT, as from a process that was left behind.
  public init(
    root: Root, faults: Faults? = nil, isReader: Bool = false, clock: Clock,
    hasWaitedEnough: @escaping @Sendable () -> Bool = { false }
  ) {
    self.root = root
    self.isReader = isReader
    self.clock = clock
    self.hasWaitedEnough = hasWaitedEnough
    tree = TreeSysfs(root, isWritable: false)
    self.faults = FaultPlan(faults, Tree(root: root), clock: clock)
    kernel = Kernel(root, faults: self.faults)
    // What a killed process left is finished before the first read. In a read-only capture no process left anything.
    if !isReader, root.exists(Hidden.folder) { try? locked { () throws(Refusal) in try kernel.recover() } }
  }

  public func entries(_ path: String) throws(SysfsError) -> [String] { try tree.entries(path) }

  public func linkTarget(_ path: String) throws(SysfsError) -> String { try tree.linkTarget(path) }

  public func beginning(_ path: String, count: Int) throws(SysfsError) -> [UInt8] {
    try tree.beginning(path, count: count)
  }

  /// Some attributes are read under the device lock, which an unbind keeps while it waits for a holder. A reader then
  /// gets ETIMEDOUT, as from a process that was left behind; any other caller waits. A function that is held is awake
  /// and enabled, whatever the tree says.
  public func read(_ path: String) throws(SysfsError) -> [UInt8] {
    guard Self.answered.contains(where: { path.hasSuffix($0) }),
      case .function(let address, let attribute) = Target(path)
    else { return try tree.read(path) }
    while kernel.isReadUnderLock(attribute), kernel.isLocked(address) {
      if isReader || hasWaitedEnough() { throw SysfsError(.read, at: path, errno: .timedOut) }
      clock.sleep(milliseconds: 5)
    }
    let bytes = try tree.read(path)
    guard attribute == "power_state" || attribute == "enable", kernel.hidden.isHeld(address) else { return bytes }
    return Array((attribute == "power_state" ? "D0\n" : "1\n").utf8)
  }

  private static let answered = ["/driver_override", "/uevent", "/sriov_numvfs", "/power_state", "/enable"]

  public func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    var begun: Set<Address> = []
    var isFirst = true
    while true {
      do {
        try attempt(value, path, isFirst: isFirst, begun: &begun)
        return
      } catch {
        isFirst = false
        switch error {
        case .errno(let errno): throw SysfsError(.write, at: path, errno: errno)
        case .waits where hasWaitedEnough(): throw SysfsError(.write, at: path, errno: .timedOut)
        case .waits: clock.sleep(milliseconds: 5)
        }
      }
    }
  }

  private func attempt(
    _ value: [UInt8], _ path: String, isFirst: Bool, begun: inout Set<Address>
  ) throws(Refusal) {
    if isFirst { try meetFault(path, value) }
    try locked { () throws(Refusal) in
      try kernel.recover()
      try kernel.answer(value, to: path, begun: &begun)
    }
  }

  private func meetFault(_ path: String, _ value: [UInt8]) throws(Refusal) {
    guard let fault = try locked({ () throws(Refusal) in try faults.met(path, value) }) else { return }
    clock.sleep(milliseconds: Int(fault.milliseconds ?? 0))
    if let errno = fault.errno.flatMap({ Errno(name: $0) }) { throw .errno(errno) }
  }

  /// What `SimulatedLinks` answers with.
  func settings(on interface: String) throws(Refusal) -> [Int: [VirtualSetting: String]] {
    try kernel.settings(interface)
  }

  /// Counts as a write of the command to the interface, as a plan has it.
  func run(_ command: LinkCommand) throws(Refusal) {
    let owner = try kernel.physical(of: command.interface).address
    try meetFault("\(BusPath.devices)/\(owner)/net/\(command.interface)", Array(command.text.utf8))
    try locked { () throws(Refusal) in
      try kernel.recover()
      try kernel.run(command)
    }
  }

  /// `modprobe NAME ARGUMENT…` on the captured host.
  public func loadModule(_ name: String, arguments: [String] = []) throws(ModuleError) {
    if let message = faults.module(name) { throw ModuleError(module: name, message: message) }
    var failure: ModuleError?
    do {
      try locked { () throws(Refusal) in
        try kernel.recover()
        do throws(ModuleError) { try kernel.load(name, arguments: arguments) } catch { failure = error }
      }
    } catch { failure = ModuleError(module: name, message: "modprobe: ERROR: could not insert '\(name)': \(error)") }
    if let failure { throw failure }
  }

  /// `rmmod NAME`: its driver's functions are unbound, and the driver is gone. A held one is in use: EBUSY.
  public func unloadModule(_ name: String) throws(ModuleError) {
    do {
      try locked { () throws(Refusal) in
        try kernel.recover()
        try kernel.unload(name)
      }
    } catch { throw ModuleError(module: name, message: "rmmod: ERROR: could not remove '\(name)': \(error)") }
  }

  /// What VFIO tells who opens this group: `viable=1`; `viable=0` and the errno of going on; an errno alone.
  public func open(group: Int) -> String {
    guard tree.exists("/dev/vfio/\(group)") else { return Errno.noEntry.name }
    if kernel.isOwned(group) { return Errno.busy.name }
    return kernel.isViable(group) ? "viable=1" : "viable=0 \(Errno.notPermitted.name)"
  }

  /// Holds the capture's lock, for one write.
  private func locked<Result>(_ body: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    let lock: (any FileLock)?
    do {
      if !root.exists(Hidden.folder) { try root.makeDirectory(Hidden.folder) }
      lock = try root.lock("\(Hidden.folder)/lock", waiting: true)
    } catch { throw Refusal(error) }
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }
}
