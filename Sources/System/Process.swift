import CSystem
import Glibc

/// Which process: a pid alone may be another one's by the time that it is read.
public struct ProcessIdentity: Hashable, Sendable, Codable {
  public let pid: Int32
  /// Clock ticks after boot, field 22 of `/proc/PID/stat`.
  public let start: UInt64

  /// Nil if the process does not exist, or has ended and only waits to be reaped.
  public init?(pid: Int32) {
    guard kill(pid, 0) == 0 || errno != ESRCH else { return nil }
    // A capture's processes are not ours: this is always the machine that we run on.
    guard let host = try? Root("/"), let bytes = try? host.read("/proc/\(pid)/stat") else { return nil }
    // The command's name stands in parentheses and may hold any byte.
    let text = String(decoding: bytes, as: UTF8.self)
    guard let close = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let start = UInt64(fields[19]) else { return nil }
    self.pid = pid
    self.start = start
  }

  /// `start`: in whatever a simulation counts it.
  public init(pid: Int32, start: UInt64) {
    self.pid = pid
    self.start = start
  }

  public static var current: Self? { Self(pid: getpid()) }

  /// The same process still runs, on the machine that we run on.
  public var isAlive: Bool { Self(pid: pid) == self }
}

/// A running child in a session of its own, with a pipe to its standard input and one from its standard output.
public final class Child: @unchecked Sendable {
  public let pid: Int32
  private var input: Int32
  private let output: Int32
  private var buffered: [UInt8] = []
  private let clock: Clock

  /// `posix_spawn(3)`. All signals are blocked in the child if `ignoringSignals`: what waits in the kernel must not be woken.
  public init(_ path: String, _ arguments: [String], ignoringSignals: Bool, clock: Clock) throws(SystemError) {
    self.clock = clock
    var down: [Int32] = [-1, -1]
    var up: [Int32] = [-1, -1]
    guard hostdev_pipe(&down) == 0 else { throw SystemError(call: "pipe", path: path, errno: .current) }
    guard hostdev_pipe(&up) == 0 else {
      let failure = Errno.current
      down.forEach { _ = close($0) }
      throw SystemError(call: "pipe", path: path, errno: failure)
    }
    // Not our standard error: a program that waits for its end would wait for a child that was left behind.
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    let (status, child) = Child.spawn(
      path, arguments, descriptors: [down[0], up[1], null], ignoringSignals: ignoringSignals)
    close(null)
    close(down[0])
    close(up[1])
    input = down[1]
    output = up[0]
    pid = child
    if status != 0 {
      throw SystemError(call: "posix_spawn", path: path, errno: Errno(rawValue: status))
    }
    // A child that died must be an error of write(2) and not the end of us.
    signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    closeInput()
    close(output)
  }

  static func spawn(_ path: String, _ arguments: [String], descriptors: [Int32], ignoringSignals blocking: Bool) -> (
    Int32, Int32
  ) {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    let status = hostdev_spawn(path, words, environ, descriptors, blocking ? 1 : 0, &child)
    return (status, child)
  }

  /// Lets the child know that nothing more comes.
  public func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// All of `bytes`, to the child's standard input. EPIPE if it has ended.
  public func send(_ bytes: [UInt8]) throws(SystemError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { write(input, $0.baseAddress.map { $0 + sent }, bytes.count - sent) }
      if count >= 0 {
        sent += count
      } else if errno != EINTR {
        throw SystemError(call: "write", path: "pipe", errno: .current)
      }
    }
  }

  /// The next line without its end; nil at the deadline. EPIPE if the child has ended.
  public func line(until deadline: ContinuousClock.Instant) throws(SystemError) -> [UInt8]? {
    while true {
      if let end = buffered.firstIndex(of: 0x0a) {
        defer { buffered.removeSubrange(...end) }
        return Array(buffered[..<end])
      }
      guard try Child.awaitInput(output, until: deadline, by: clock) else { return nil }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(output, &chunk, chunk.count)
      if count == 0 { throw SystemError(call: "read", path: "pipe", errno: .brokenPipe) }
      if count > 0 {
        buffered += chunk[..<count]
      } else if errno != EINTR {
        throw SystemError(call: "read", path: "pipe", errno: .current)
      }
    }
  }

  /// Waits for the end; its exit status, or 128 and the signal.
  @discardableResult
  public func wait() -> Int32 { Child.wait(for: pid) }

  static func wait(for pid: Int32) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return exitStatus(status)
  }

  /// As a shell says it: what the program gave, or 128 and the signal.
  static func exitStatus(_ status: Int32) -> Int32 {
    status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
  }

  /// Waits until there is something to read, or the other end is closed; false at the deadline.
  static func awaitInput(_ descriptor: Int32, until deadline: ContinuousClock.Instant?, by clock: Clock)
    throws(SystemError) -> Bool
  {
    while true {
      var milliseconds: Int64 = -1
      if let deadline {
        let left = clock.now.duration(to: deadline)
        if left <= .zero { return false }
        milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
      }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, Int32(clamping: milliseconds))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { throw SystemError(call: "poll", path: "pipe", errno: .current) }
    }
  }
}

/// Signals that ask us to end.
public enum Interruption {
  /// From now on signals that ask for an end are only remembered, so that a write is finished and put back.
  @Sendable public static func remember() { _ = hostdev_remember_signals() }

  /// The name of the signal that came, or nil.
  public static var signalName: String? {
    switch hostdev_remembered_signal() {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    case SIGQUIT: "SIGQUIT"
    default: nil
    }
  }
}

/// SIGKILL, for the tests that end us at an exact place.
public enum Signal {
  public static func kill(_ pid: Int32) { if pid > 1 { _ = Glibc.kill(pid, SIGKILL) } }
  public static func killSelf() { _ = Glibc.kill(getpid(), SIGKILL) }
}
