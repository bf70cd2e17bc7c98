import CSystem
import Glibc

/// A child that reads files below a root and can be left behind. A read of it that waits in the kernel cannot be ended
/// by a signal, and holds up nothing of ours.
///
/// Forked and not spawned: it has our root's descriptor, runs no Swift, and costs a fraction of a program's start. What it
/// reads comes through memory that both have.
final class ReaderProcess {
  private let area: UnsafeMutableRawPointer
  private let channel: Int32
  let pid: Int32
  private var asked: [String] = []

  /// `fork(2)`.
  init(root: Int32, path: String) throws(SystemError) {
    guard let area = hostdev_reader_map() else { throw SystemError(call: "mmap", path: path, errno: .current) }
    var channel: Int32 = -1
    var pid: pid_t = 0
    let status = hostdev_reader_start(root, area, &channel, &pid)
    if status != 0 {
      hostdev_reader_unmap(area)
      throw SystemError(call: "fork", path: path, errno: Errno(rawValue: -status))
    }
    self.area = area
    self.channel = channel
    self.pid = pid
  }

  /// An idle one ends by this; one that waits ends when the kernel answers. Ours is not to wait for either.
  deinit {
    close(channel)
    hostdev_reader_unmap(area)
    var status: Int32 = 0
    _ = waitpid(pid, &status, WNOHANG)
  }

  /// Asks for as many of these files as there is room for; how many that are. The answers come in their order.
  func ask(_ paths: some Collection<String>) -> Int {
    guard let room = hostdev_reader_paths(area) else { return 0 }
    var used = 0
    asked = []
    for path in paths {
      let length = path.utf8.count + 1
      if used + length > Int(HOSTDEV_READER_PATHS) || asked.count == Self.most { break }
      _ = path.withCString { strcpy(room + used, $0) }
      used += length
      asked.append(path)
    }
    hostdev_reader_begin(area, UInt32(asked.count))
    var byte: UInt8 = 1
    if send(channel, &byte, 1, Int32(MSG_NOSIGNAL)) != 1 { asked = [] }
    return asked.count
  }

  /// More do not fit at once, if each is as long as a page.
  private static let most = 512

  enum Progress {
    /// All are answered that there was room for.
    case finished
    /// It waits for one file all this time.
    case stalled
    case died
  }

  /// Waits until all are answered, or one file has taken longer than `patience`.
  func wait(patience: Duration, by clock: Clock) -> Progress {
    var file = hostdev_reader_current(area)
    var since = clock.now
    while true {
      // If it has not begun, the processor is busy.
      let limit = file == 0 ? max(patience, .seconds(1)) : patience
      let left = file == 0 ? .milliseconds(10) : limit - since.duration(to: clock.now)
      var input = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
      let ready = poll(&input, 1, left <= .zero ? 0 : Int32(clamping: max(left.milliseconds, 1)))
      if ready > 0 {
        var byte: UInt8 = 0
        return recv(channel, &byte, 1, 0) == 1 ? .finished : .died
      }
      let now = hostdev_reader_current(area)
      if now != file {
        file = now
        since = clock.now
      } else if since.duration(to: clock.now) >= limit {
        return .stalled
      }
    }
  }

  /// What is answered by now, in the order of the question.
  var answers: [Result<[UInt8], SystemError>] {
    var place = 0
    return (0..<Int(hostdev_reader_done(area))).map { index in
      var error: Int32 = 0
      var length: UInt32 = 0
      let bytes = hostdev_reader_answer(area, &place, &error, &length)
      if error != 0 { return .failure(SystemError(call: "read", path: asked[index], errno: Errno(rawValue: error))) }
      return .success(Array(UnsafeRawBufferPointer(start: bytes, count: Int(length))))
    }
  }

  /// No file after the one that it waits for: that is all that it is still good for.
  func endAfterThis() { hostdev_reader_stop(area) }
}

extension Duration {
  var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
