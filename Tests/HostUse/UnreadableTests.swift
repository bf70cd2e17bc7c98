import Host
import Inventory
import PCI
import Synchronization
import Sysfs
import System
import TestSupport
import Testing

@testable import HostUse

/// Every read and every listing that evidence takes, failed one by one: no use of the host may disappear without an
/// unknown in its place.
@Suite("What cannot be read is unknown, and never none")
struct UnreadableTests {
  /// Fails one read, counted from 1, and counts all.
  private final class Failing: Sysfs {
    private let sysfs: any Sysfs
    private let failing: Int
    private let errno: Errno
    private let state = Mutex<(count: Int, path: String)>((0, ""))

    init(_ sysfs: any Sysfs, failing: Int, errno: Errno) {
      self.sysfs = sysfs
      self.failing = failing
      self.errno = errno
    }

    var count: Int { state.withLock { $0.count } }
    var path: String { state.withLock { $0.path } }

    private func read<Value>(
      _ verb: SysfsError.Verb, _ path: String, _ body: () throws(SysfsError) -> Value
    ) throws(SysfsError) -> Value {
      let isTurn = state.withLock { state in
        state.count += 1
        if state.count == failing { state.path = path }
        return state.count == failing
      }
      if isTurn { throw SysfsError(verb, at: path, errno: errno) }
      return try body()
    }

    func entries(_ path: String) throws(SysfsError) -> [String] {
      try read(.entries, path) { () throws(SysfsError) in try sysfs.entries(path) }
    }
    func read(_ path: String) throws(SysfsError) -> [UInt8] {
      try read(.read, path) { () throws(SysfsError) in try sysfs.read(path) }
    }
    func linkTarget(_ path: String) throws(SysfsError) -> String {
      try read(.linkTarget, path) { () throws(SysfsError) in try sysfs.linkTarget(path) }
    }
    func folders(_ path: String) throws(SysfsError) -> [String] {
      try read(.entries, path) { () throws(SysfsError) in try sysfs.folders(path) }
    }
    func openDevices(_ path: String) throws(SysfsError) -> OpenDevices {
      try read(.entries, path) { () throws(SysfsError) in try sysfs.openDevices(path) }
    }
    func write(_ value: [UInt8], to path: String) throws(SysfsError) {}
  }

  private func area(_ use: Use) -> UnknownUse.Area? {
    if use.kind.isHostStorage { return .storage }
    return switch use.kind {
    case .networkAddress, .route, .defaultRoute, .master, .upper: .network
    case .framebuffer, .onlyDisplay: .display
    case .keyboard: .input
    default: nil
    }
  }

  /// By function and area, what `check` would refuse for.
  private func uses(_ usage: Usage) -> Set<String> {
    Set(usage.uses.filter { !$0.isIdle }.compactMap { use in area(use).map { "\(use.function) \($0.rawValue)" } })
  }

  @Test(
    "each read of evidence", arguments: ["nvme-root", "gpu", "nic-vfs", "alveo"],
    [Errno.io, .accessDenied, .tooManyFiles, .tooBig])
  func everyRead(fixture: String, errno: Errno) throws {
    let tree = TreeSysfs(try Root(Fixture(fixture).path), isWritable: false)
    var host = try Scanner(tree).scan()
    let set = host.functions.filter(\.isEndpoint).map(\.address)
    Scanner(tree).detail(set, of: &host)
    func gather(_ failing: Int) -> (usage: Usage, door: Failing) {
      let door = Failing(tree, failing: failing, errno: errno)
      return (Evidence(sysfs: door, isRehearsal: true, addresses: nil, clock: .system).gather(set, in: host), door)
    }
    let (whole, counter) = gather(0)
    let known = uses(whole)
    #expect(known.count > 1 && counter.count > 100)
    var tried = 0
    // Every seventh in each run, another one for each errno; all with HOSTDEV_EVERY_READ.
    let step = Environment.value("HOSTDEV_EVERY_READ") == nil ? 7 : 1
    var turn = 1 + Int(errno.rawValue) % step
    while turn <= counter.count {
      let (usage, door) = gather(turn)
      let unknown = Set(usage.unknown.map { "\($0.function) \($0.area.rawValue)" })
      // What a host has over a network is storage of an interface's function.
      let told = unknown.union(
        unknown.filter { $0.hasSuffix(" network") }.map { $0.replacing("network", with: "storage") })
      let lost = known.subtracting(uses(usage)).subtracting(told)
      #expect(lost == [], "\(fixture), \(errno.name) of \(door.path)")
      tried += 1
      turn += step
    }
    print("UNREADABLE \(fixture) \(errno.name): \(tried) of \(counter.count) reads failed")
  }

  /// Answers every read with one errno.
  private struct Refusing: Sysfs {
    let errno: Errno
    let isKernel: Bool
    func entries(_ path: String) throws(SysfsError) -> [String] { throw SysfsError(.entries, at: path, errno: errno) }
    func read(_ path: String) throws(SysfsError) -> [UInt8] { throw SysfsError(.read, at: path, errno: errno) }
    func linkTarget(_ path: String) throws(SysfsError) -> String {
      throw SysfsError(.linkTarget, at: path, errno: errno)
    }
    func write(_ value: [UInt8], to path: String) throws(SysfsError) {}
  }

  @Test("a process that has ended has no mounts, and a FIFO of a capture tells nothing")
  func ended() {
    func unread(_ errno: Errno, _ path: String, isKernel: Bool) -> Bool {
      let door = NotingSysfs(Refusing(errno: errno, isKernel: isKernel))
      _ = try? door.read(path)
      return !door.unread.isEmpty
    }
    let table = "/proc/7/mountinfo"
    #expect(!unread(.invalid, table, isKernel: true) && unread(.invalid, table, isKernel: false))
    #expect(unread(.invalid, "/etc/fstab", isKernel: true))
    #expect(unread(.accessDenied, table, isKernel: true) && !unread(.noProcess, table, isKernel: true))
  }
}
