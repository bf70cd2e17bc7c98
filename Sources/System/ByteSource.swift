import CSystem
import Glibc

/// Bytes that are read once, from front to end: a file, or what a program makes of one.
public final class ByteSource {
  private let descriptor: Int32
  private var child: Int32?
  private let path: String
  private var buffer: [UInt8] = []
  private var place = 0
  /// Bytes handed out.
  public private(set) var position = 0

  /// `open(2)` of a file below the root.
  public init(_ path: String, in root: Root) throws(SystemError) {
    descriptor = try root.openForReading(path)
    child = nil
    self.path = path
  }

  /// What a program makes of a file from `offset` on: the file is its standard input.
  public init(_ program: String, _ arguments: [String], on path: String, from offset: Int, in root: Root)
    throws(SystemError)
  {
    let file = try root.openForReading(path)
    defer { close(file) }
    guard lseek(file, off_t(offset), SEEK_SET) >= 0 else {
      throw SystemError(call: "lseek", path: path, errno: .current)
    }
    var ends: [Int32] = [-1, -1]
    guard hostdev_pipe(&ends) == 0 else { throw SystemError(call: "pipe", path: path, errno: .current) }
    let null = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
    let (status, pid) = Child.spawn(
      program, arguments, descriptors: [file, ends[1], null], ignoringSignals: false)
    close(null)
    close(ends[1])
    if status != 0 {
      close(ends[0])
      throw SystemError(call: "posix_spawn", path: program, errno: Errno(rawValue: status))
    }
    descriptor = ends[0]
    child = pid
    self.path = path
  }

  deinit {
    close(descriptor)
    if let child {
      // Its reader is gone; should it wait for something else, it waits no longer.
      kill(child, SIGTERM)
      _ = Child.wait(for: child)
    }
  }

  /// The exit status of the program, whose end was read; 0 of a file.
  public func finish() -> Int32 {
    guard let child else { return 0 }
    self.child = nil
    return Child.wait(for: child)
  }

  /// The next `count` bytes, fewer if the end comes first.
  public func read(_ count: Int) throws(SystemError) -> [UInt8] {
    while buffer.count - place < count {
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let got = Glibc.read(descriptor, &chunk, chunk.count)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw SystemError(call: "read", path: path, errno: .current) }
      if got == 0 { break }
      buffer.removeFirst(place)
      place = 0
      buffer += chunk[..<got]
    }
    let end = min(place + count, buffer.count)
    defer {
      position += end - place
      place = end
    }
    return Array(buffer[place..<end])
  }

  /// Passes over bytes; false if the end comes first.
  public func skip(_ count: Int) throws(SystemError) -> Bool {
    var left = count
    while left > 0 {
      let got = try read(min(left, 1 << 16)).count
      if got == 0 { return false }
      left -= got
    }
    return true
  }
}
