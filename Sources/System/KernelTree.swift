import CSystem
import Glibc

/// A directory of the kernel's, by a descriptor: `/`, or a capture.
///
/// Every path is resolved with `openat2(RESOLVE_IN_ROOT)`, so that no link leads out.
final class KernelTree: FileTree {
  private let descriptor: Int32
  /// The kernel's own `/sys` and `/proc` hold no file whose opening does anything.
  private let isKernelSysfs: Bool
  private let isKernelProcfs: Bool
  /// Nil if there is no kernel's `/sys` below, or the reader is a process that may be left behind.
  let lockedReads: LockedReads?

  /// `open(2)` of the directory. `waitsForLocks`: see `Root`.
  init(_ path: String, waitsForLocks: Bool, clock: Clock) throws(SystemError) {
    descriptor = Glibc.open(path, hostdev_o_path | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw SystemError(call: "open", path: path, errno: .current) }
    isKernelSysfs = Self.hasRealSysfs(descriptor)
    isKernelProcfs = Self.hasRealProcfs(descriptor)
    lockedReads = !waitsForLocks && isKernelSysfs ? LockedReads(root: descriptor, clock: clock) : nil
  }

  deinit { close(descriptor) }

  var pathForChildren: String? { "/proc/\(getpid())/fd/\(descriptor)" }

  var isHost: Bool {
    var here = stat()
    var top = stat()
    return fstat(descriptor, &here) == 0 && stat("/", &top) == 0 && here.st_dev == top.st_dev
      && here.st_ino == top.st_ino
  }

  var hasRealSysfs: Bool { Self.hasRealSysfs(descriptor) }

  private static func hasRealSysfs(_ root: Int32) -> Bool {
    let descriptor = hostdev_open_in_root(root, "/sys", hostdev_o_path, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return hostdev_is_sysfs(descriptor) == 1
  }

  func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemError) -> Int32 {
    let result = hostdev_open_in_root(descriptor, path, flags, mode)
    if result < 0 { throw SystemError(call: "open", path: path, errno: Errno(rawValue: -result)) }
    return result
  }

  private static func hasRealProcfs(_ root: Int32) -> Bool {
    let descriptor = hostdev_open_in_root(root, "/proc", hostdev_o_path, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return hostdev_is_procfs(descriptor) == 1
  }

  /// A file of the kernel's own, which may be opened before it is looked at. `/proc/1/root/dev/watchdog` is none.
  func isOfKernel(_ path: String) -> Bool {
    if isKernelSysfs, path.hasPrefix("/sys/") { return true }
    return isKernelProcfs && path.hasPrefix("/proc/")
      && !["/root/", "/cwd/", "/fd/", "/map_files/"].contains { path.contains($0) }
  }

  /// Opens a regular file; whatever else is there is not opened.
  func openFile(_ path: String, _ flags: Int32, followingLinks: Bool = true) throws(SystemError) -> Int32 {
    let lookup = followingLinks ? 0 : O_NOFOLLOW
    if isOfKernel(path) { return try open(path, flags | lookup | O_NONBLOCK | O_NOCTTY) }
    let result = hostdev_open_file_in_root(descriptor, path, flags, lookup)
    if result < 0 { throw SystemError(call: "open", path: path, errno: Errno(rawValue: -result)) }
    return result
  }

  func rights(_ path: String, followingLinks: Bool) throws(SystemError) -> Rights {
    let descriptor = try open(path, followingLinks ? hostdev_o_path : hostdev_o_path | O_NOFOLLOW)
    defer { close(descriptor) }
    return try Self.rights(descriptor, path)
  }

  private static func rights(_ descriptor: Int32, _ path: String) throws(SystemError) -> Rights {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", path: path, errno: .current) }
    return Rights(status)
  }

  func mayWrite(_ path: String) throws(SystemError) {
    let descriptor = try open(path, hostdev_o_path)
    defer { close(descriptor) }
    if faccessat(AT_FDCWD, "/proc/self/fd/\(descriptor)", W_OK, AT_EACCESS) != 0 {
      throw SystemError(call: "access", path: path, errno: .current)
    }
  }

  // MARK: Reading

  func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    if let lockedReads, LockedReads.isLocked(path) { return try lockedReads.read([path])[0].get() }
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    return try Self.readAll(descriptor, path: path, limit: limit)
  }

  /// Those that wait for a lock (ETIMEDOUT) wait at the same time.
  func readTogether(_ paths: [String]) -> [Result<[UInt8], SystemError>]? { lockedReads?.read(paths) }

  func readPlain(_ path: String, limit: Int) throws(SystemError) -> (bytes: [UInt8], rights: Rights) {
    let descriptor = try openFile(path, O_RDONLY, followingLinks: false)
    defer { close(descriptor) }
    let rights = try Self.rights(descriptor, path)
    guard rights.kind == .file else { throw SystemError(call: "open", path: path, errno: .invalid) }
    return (try Self.readAll(descriptor, path: path, limit: limit), rights)
  }

  func openForReading(_ path: String) throws(SystemError) -> Int32 {
    let descriptor = try openFile(path, O_RDONLY)
    do throws(SystemError) { try Self.requireFile(descriptor, path: path) } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// EINVAL for a device or a FIFO, which a capture may hold in place of a file.
  private static func requireFile(_ descriptor: Int32, path: String) throws(SystemError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", path: path, errno: .current) }
    if status.st_mode & S_IFMT == S_IFCHR || status.st_mode & S_IFMT == S_IFBLK || status.st_mode & S_IFMT == S_IFIFO {
      throw SystemError(call: "open", path: path, errno: .invalid)
    }
  }

  static func readAll(_ descriptor: Int32, path: String, limit: Int) throws(SystemError) -> [UInt8] {
    // A sysfs attribute comes whole in one read. A procfs table does not: it stops before the record that no longer
    // fits into a page (seq_read_iter of fs/seq_file.c), and a pipe gives what it has.
    let comesWhole = path.hasPrefix("/sys/")
    var bytes: [UInt8] = []
    var room = 4096
    while true {
      var failure: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var got: Int
        repeat { got = Glibc.read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
        failure = got < 0 ? errno : 0
        count = max(got, 0)
      }
      if failure != 0 { throw SystemError(call: "read", path: path, errno: Errno(rawValue: failure)) }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      if bytes.count > limit { throw SystemError(call: "read", path: path, errno: .tooBig) }
      // What filled the room may go on.
      if chunk.isEmpty || (comesWhole && chunk.count < room && room == 4096) { return bytes }
      room = 1 << 16
    }
  }

  func linkTarget(_ path: String) throws(SystemError) -> String {
    let descriptor = try open(path, hostdev_o_path | O_NOFOLLOW)
    defer { close(descriptor) }
    do throws(SystemError) { return try Self.readLink(descriptor, "", path: path) } catch {
      // readlinkat of an empty path answers ENOENT if the descriptor is not a link.
      if error.errno == .noEntry { throw SystemError(call: error.call, path: path, errno: .invalid) }
      throw error
    }
  }
}
