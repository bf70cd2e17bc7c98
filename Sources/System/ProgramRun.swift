import CSystem
import Glibc

extension Child {
  /// Runs a program to its end; its exit status and the first `limit` bytes of what it printed. The rest is read all the
  /// same: a program whose pipe is full waits for ever.
  ///
  /// ETIMEDOUT of `wait` if it has not ended after `time`: it is killed then, and left behind if the kernel does not
  /// end it. Without a time the caller must itself be a process that may be left behind.
  public static func run(
    _ path: String, _ arguments: [String], limit: Int = 1 << 16, within time: Duration? = nil, clock: Clock
  ) throws(SystemError) -> (status: Int32, output: String) {
    let deadline = time.map { clock.now + $0 }
    var ends: [Int32] = [-1, -1]
    guard hostdev_pipe(&ends) == 0 else { throw SystemError(call: "pipe", path: path, errno: .current) }
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let (status, pid) = spawn(path, arguments, descriptors: [null, ends[1], ends[1]], ignoringSignals: false)
    close(null)
    close(ends[1])
    defer { close(ends[0]) }
    if status != 0 { throw SystemError(call: "posix_spawn", path: path, errno: Errno(rawValue: status)) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while try awaitInput(ends[0], until: deadline, by: clock) {
      let count = read(ends[0], &chunk, chunk.count)
      if count > 0 { output += chunk[..<min(count, limit - output.count)] }
      if count == 0 || count < 0 && errno != EINTR { break }
    }
    guard let status = wait(for: pid, until: deadline, by: clock) else {
      // With all that it started: they are a session of their own.
      kill(-pid, SIGKILL)
      _ = wait(for: pid, until: clock.now + .seconds(1), by: clock)
      throw SystemError(call: "wait", path: path, errno: .timedOut)
    }
    return (status, String(decoding: output, as: UTF8.self))
  }

  /// The exit status; nil if it has not ended at the deadline.
  private static func wait(for pid: Int32, until deadline: ContinuousClock.Instant?, by clock: Clock) -> Int32? {
    guard let deadline else { return wait(for: pid) }
    // waitpid(2) has no deadline of its own.
    while true {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid { return exitStatus(status) }
      if clock.now >= deadline { return nil }
      clock.sleep(milliseconds: 2)
    }
  }
}
