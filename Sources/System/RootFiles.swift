import CSystem
import Glibc

/// Our own files below the root: the journal, records, pins, and what the simulator changes.
extension Root {
  /// Puts a whole file in place with `rename(2)`: readers see the old one or the new one. Nothing is synced:
  /// what must survive a power cut says so by `synced`. `mode`: these bits exactly; else 0644 without those of the umask.
  public func replace(_ path: String, with bytes: [UInt8], mode: mode_t? = nil, synced: Bool = false)
    throws(SystemError)
  {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    let temporary = ".\(name).\(getpid())"
    // Never a file that is there already, be it a FIFO or another name of somebody's file. Only a killed process of our
    // number can have left one.
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    var descriptor = openat(directory, temporary, flags, mode ?? 0o644)
    if descriptor < 0, errno == EEXIST, unlinkat(directory, temporary, 0) == 0 {
      descriptor = openat(directory, temporary, flags, mode ?? 0o644)
    }
    if descriptor < 0 { throw SystemError(call: "open", path: path, errno: .current) }
    var failure: (String, Errno)?
    var written = 0
    while written < bytes.count, failure == nil {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count >= 0 { written += count } else if errno != EINTR { failure = ("write", .current) }
    }
    if let mode, failure == nil, fchmod(descriptor, mode) != 0 { failure = ("fchmod", .current) }
    if synced, failure == nil, fsync(descriptor) != 0 { failure = ("fsync", .current) }
    // A quota or a full disk may be told only here.
    if close(descriptor) != 0, failure == nil { failure = ("close", .current) }
    if failure == nil, renameat(directory, temporary, directory, name) != 0 { failure = ("rename", .current) }
    if let failure {
      unlinkat(directory, temporary, 0)
      throw SystemError(call: failure.0, path: path, errno: failure.1)
    }
  }

  /// `mkdir -p`.
  public func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(SystemError) {
    var sofar = ""
    for part in path.split(separator: "/") {
      let folder = sofar.isEmpty ? "/" : sofar
      sofar += "/" + part
      let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
      defer { close(directory) }
      if mkdirat(directory, String(part), mode) != 0, errno != EEXIST {
        throw SystemError(call: "mkdir", path: sofar, errno: .current)
      }
    }
  }

  /// `unlink(2)`; true where there was something.
  @discardableResult
  public func remove(_ path: String) throws(SystemError) -> Bool { try unlink(path, 0) }

  /// `rmdir(2)` of an empty directory; true where there was one.
  @discardableResult
  public func removeDirectory(_ path: String) throws(SystemError) -> Bool { try unlink(path, AT_REMOVEDIR) }

  private func unlink(_ path: String, _ flags: Int32) throws(SystemError) -> Bool {
    let (folder, name) = Self.split(path)
    let directory: Int32
    do throws(SystemError) { directory = try open(folder, hostdev_o_path | O_DIRECTORY) } catch {
      if error.errno == .noEntry { return false }
      throw error
    }
    defer { close(directory) }
    if unlinkat(directory, name, flags) == 0 { return true }
    if errno == ENOENT { return false }
    throw SystemError(call: flags == 0 ? "unlink" : "rmdir", path: path, errno: .current)
  }

  /// `symlink(2)`; EEXIST where something is there.
  public func makeLink(_ path: String, to target: String) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    if symlinkat(target, directory, name) != 0 { throw SystemError(call: "symlink", path: path, errno: .current) }
  }

  /// `rename(2)`; both below this root.
  public func rename(_ path: String, to other: String) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let (otherFolder, otherName) = Self.split(other)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    let otherDirectory = try open(otherFolder, hostdev_o_path | O_DIRECTORY)
    defer { close(otherDirectory) }
    if renameat(directory, name, otherDirectory, otherName) != 0 {
      throw SystemError(call: "rename", path: path, errno: .current)
    }
  }

  /// `flock(2)` on a file, which is made where it is not there; nil where another process holds it, unless `waiting`.
  /// Held until the value goes away.
  public func lock(_ path: String, waiting: Bool = false) throws(SystemError) -> FileLock? {
    let descriptor = try open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode: 0o644)
    // Our own file and nothing else: who holds the lock writes his name into it.
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      close(descriptor)
      throw SystemError(call: "flock", path: path, errno: .invalid)
    }
    var result: Int32
    repeat { result = flock(descriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
    if result == 0 { return FileLock(descriptor: descriptor) }
    let failure = Errno.current
    close(descriptor)
    if failure == .tryAgain { return nil }
    throw SystemError(call: "flock", path: path, errno: failure)
  }

  /// Whether this process may write below the root's directory at `path` (`faccessat(2)`).
  public func mayWrite(_ path: String) throws(SystemError) {
    let descriptor = try open(path, hostdev_o_path)
    defer { close(descriptor) }
    if faccessat(AT_FDCWD, "/proc/self/fd/\(descriptor)", W_OK, AT_EACCESS) != 0 {
      throw SystemError(call: "access", path: path, errno: .current)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }
}

/// A `flock(2)` that is held; letting go of the value lets go of the lock.
public final class FileLock: Sendable {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Says in the file who holds it; of use to people only.
  public func label(_ text: String) {
    ftruncate(descriptor, 0)
    let bytes = Array(text.utf8)
    pwrite(descriptor, bytes, bytes.count, 0)
  }
}
