import CSystem
import Glibc

/// The directory below which everything is read: `/`, or a capture.
///
/// Every path is the host's own (`/sys/…`) and is resolved with `openat2(RESOLVE_IN_ROOT)`, so that no link, absolute
/// or with `..`, leads out.
public final class Root: Sendable {
  /// As the user named it.
  public let path: String
  private let descriptor: Int32
  /// Nil where there is no kernel's `/sys` below, or who reads is a process that may be left behind.
  let lockedReads: LockedReads?

  /// `open(2)` of the directory. `waitsForLocks`: who reads may itself be left behind, and waits for as long as the
  /// kernel does.
  public init(_ path: String, waitsForLocks: Bool = false) throws(SystemError) {
    self.path = path
    descriptor = Glibc.open(path, hostdev_o_path | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw SystemError(call: "open", path: path, errno: .current) }
    lockedReads = !waitsForLocks && Self.hasRealSysfs(descriptor) ? LockedReads(root: descriptor) : nil
  }

  deinit { close(descriptor) }

  /// A name by which a child of ours opens this very directory, whatever has become of its own name since.
  public var pathForChildren: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// The host that we run on, not a capture.
  public var isHost: Bool {
    var here = stat()
    var top = stat()
    return fstat(descriptor, &here) == 0 && stat("/", &top) == 0 && here.st_dev == top.st_dev
      && here.st_ino == top.st_ino
  }

  /// `statfs(2)` says that `/sys` below this root is a kernel's sysfs (SYSFS_MAGIC).
  public var hasRealSysfs: Bool { Self.hasRealSysfs(descriptor) }

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

  /// What kind of thing is at `path`, links followed; nil where there is nothing, or a link that leads nowhere.
  public func kind(_ path: String) throws(SystemError) -> FileKind? {
    let descriptor: Int32
    do throws(SystemError) { descriptor = try open(path, hostdev_o_path) } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw error
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", path: path, errno: .current) }
    return FileKind(status)
  }

  /// Something is at `path`; false too where that cannot be told.
  public func exists(_ path: String) -> Bool { ((try? kind(path)) ?? nil) != nil }

  /// The whole of a file. More than `limit` bytes is EFBIG.
  public func read(_ path: String, limit: Int? = nil) throws(SystemError) -> [UInt8] {
    if let lockedReads, LockedReads.isLocked(path) { return try lockedReads.read([path])[0].get() }
    // O_NONBLOCK: a capture may hold a FIFO where a file should be.
    let descriptor = try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    defer { close(descriptor) }
    try Self.requireFile(descriptor, path: path)
    return try Self.readAll(descriptor, path: path, limit: limit ?? Self.limit(path))
  }

  /// The whole of each of several files. Where the kernel has them to answer they are read together, so that those that
  /// wait for a lock (ETIMEDOUT) wait at the same time.
  public func read(_ paths: [String]) -> [Result<[UInt8], SystemError>] {
    if let lockedReads { return lockedReads.read(paths) }
    return paths.map { path in Result { () throws(SystemError) in try read(path) } }
  }

  /// No attribute is longer than a page, and `config` is not; of other files `modules.alias` and `pci.ids` are the longest.
  private static func limit(_ path: String) -> Int { path.hasPrefix("/sys/") ? 1 << 16 : 1 << 24 }

  /// EINVAL for a device or a FIFO, which a capture may hold in place of a file.
  static func requireFile(_ descriptor: Int32, path: String) throws(SystemError) {
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

  /// Names in a directory, without `.` and `..`, sorted by their bytes.
  public func entries(_ path: String) throws(SystemError) -> [String] {
    let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(descriptor) else {
      let failure = Errno.current
      close(descriptor)
      throw SystemError(call: "fdopendir", path: path, errno: failure)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        raw.baseAddress.map {
          String(decoding: UnsafeRawBufferPointer(start: $0, count: strnlen($0, raw.count)), as: UTF8.self)
        } ?? ""
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw SystemError(call: "readdir", path: path, errno: .current) }
    return names.sorted()
  }

  /// The text of a symbolic link, which is not followed. EINVAL where it is no link.
  public func linkTarget(_ path: String) throws(SystemError) -> String {
    let descriptor = try open(path, hostdev_o_path | O_NOFOLLOW)
    defer { close(descriptor) }
    do throws(SystemError) { return try Self.readLink(descriptor, "", path: path) } catch {
      // readlinkat of an empty path answers ENOENT where the descriptor is no link.
      if error.errno == .noEntry { throw SystemError(call: error.call, path: path, errno: .invalid) }
      throw error
    }
  }

  /// One `write(2)` to an existing file, as a sysfs attribute wants it: never creates, never truncates.
  public func writeAttribute(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let descriptor = try open(path, O_WRONLY | O_NOCTTY)
    defer { close(descriptor) }
    // No retry on EINTR: the kernel may have acted on the value already.
    let count = Glibc.write(descriptor, bytes, bytes.count)
    if count < 0 { throw SystemError(call: "write", path: path, errno: .current) }
  }
}

/// What a path leads to.
public enum FileKind: Sendable, Equatable {
  case file, directory, other
  /// Device numbers of a block or character device node.
  case blockDevice(major: UInt32, minor: UInt32)
  case characterDevice(major: UInt32, minor: UInt32)

  init(_ status: stat) {
    let major = UInt32(status.st_rdev >> 8 & 0xfff)
    let minor = UInt32(status.st_rdev & 0xff | (status.st_rdev >> 12 & 0xfff00))
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFBLK: self = .blockDevice(major: major, minor: minor)
    case S_IFCHR: self = .characterDevice(major: major, minor: minor)
    default: self = .other
    }
  }
}
