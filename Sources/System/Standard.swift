import CSystem
import Glibc

/// The three descriptors that a program is born with.
public enum StandardDescriptors {
  /// Opens those that the caller closed, on `/dev/null`: else the next file of ours, the lock even, would be one of them.
  public static func open() {
    while true {
      let descriptor = Glibc.open("/dev/null", O_RDWR)
      if descriptor < 0 { return }
      if descriptor > 2 {
        close(descriptor)
        return
      }
    }
  }
}

public enum StandardInput {
  /// All of it, 64 MiB at most.
  public static func read() throws(SystemError) -> [UInt8] {
    try KernelTree.readAll(0, path: "standard input", limit: 1 << 26)
  }

  /// The next line without its end, or nil at the end of input.
  public static func line() -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      let count = Glibc.read(0, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return nil }
      if byte == 0x0a { return line }
      line.append(byte)
    }
  }
}

public enum StandardOutput {
  /// EPIPE means that the reader has seen enough, and is not an error.
  public static func write(_ bytes: [UInt8]) throws(SystemError) {
    guard let failure = writeAll(bytes, to: 1), failure != .brokenPipe else { return }
    throw SystemError(call: "write", path: "standard output", errno: failure)
  }
}

public enum StandardError {
  /// A failure is ignored: there is no other place to report it.
  public static func write(_ bytes: [UInt8]) { _ = writeAll(bytes, to: 2) }
}

/// Files that the user names, wherever they are: not below the root.
public enum WorkingDirectory {
  public static func read(_ path: String) throws(SystemError) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    return try KernelTree.readAll(descriptor, path: path, limit: 1 << 26)
  }
}

extension WorkingDirectory {
  /// A regular file, or a pipe that the shell has opened: `<(virsh dumpxml win10)`. Whatever else is there is not opened.
  private static func open(_ path: String) throws(SystemError) -> Int32 {
    let found = Glibc.open(path, hostdev_o_path | O_CLOEXEC)
    guard found >= 0 else { throw SystemError(call: "open", path: path, errno: .current) }
    defer { close(found) }
    var status = stat()
    guard fstat(found, &status) == 0 else { throw SystemError(call: "fstat", path: path, errno: .current) }
    let isOurs = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"].contains(where: path.hasPrefix)
    if isOurs, status.st_mode & S_IFMT == S_IFIFO {
      let pipe = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      if pipe < 0 { throw SystemError(call: "open", path: path, errno: .current) }
      return pipe
    }
    let file = hostdev_reopen_file(found, O_RDONLY)
    if file < 0 { throw SystemError(call: "open", path: path, errno: Errno(rawValue: -file)) }
    return file
  }
}

/// All of it, in as many writes as that takes; the error that ended it.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Errno? {
  var sent = 0
  while sent < bytes.count {
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent) }
    if count >= 0 { sent += count } else if errno != EINTR { return .current }
  }
  return nil
}
