/// The files below a `Root`: a directory of the kernel's, or a tree that a test keeps in memory.
///
/// Every path is the host's own (`/sys/…`) and starts at the tree's top. No link leads out, be it absolute or with `..`.
/// Each answer, and each errno, is that of the system call that is named with it.
public protocol FileTree: AnyObject, Sendable {
  /// The tree is that of the host that we run on, and no capture.
  var isHost: Bool { get }
  /// Its `/sys` is a running kernel's (SYSFS_MAGIC of `statfs(2)`).
  var hasRealSysfs: Bool { get }
  /// A name by which a child process opens this very tree; nil if there is none.
  var pathForChildren: String? { get }

  /// What is at `path`; what a link leads to only if `followingLinks` (`fstat(2)`).
  func rights(_ path: String, followingLinks: Bool) throws(SystemError) -> Rights
  /// Throws unless this process may write what is at `path` (`faccessat(2)`).
  func mayWrite(_ path: String) throws(SystemError)

  /// The whole of a file. EINVAL for a device or a FIFO, EFBIG for more than `limit` bytes.
  func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8]
  /// The whole of each file, of those that may not be answered for long; nil if every read is answered at once.
  func readTogether(_ paths: [String]) -> [Result<[UInt8], SystemError>]?
  /// The whole of a plain file, and the rights of that very file. ELOOP for a link, EINVAL for any other kind.
  func readPlain(_ path: String, limit: Int) throws(SystemError) -> (bytes: [UInt8], rights: Rights)
  /// A descriptor that reads a file from its beginning, in a child process as well. The caller closes it.
  func openForReading(_ path: String) throws(SystemError) -> Int32
  /// The text of a link, which is not followed (`readlink(2)`). EINVAL for anything else.
  func linkTarget(_ path: String) throws(SystemError) -> String

  /// Names in a directory in any order, without `.` and `..` (`readdir(3)`).
  func entries(_ path: String) throws(SystemError) -> [String]
  /// Those that are directories, and no links to one.
  func folders(_ path: String) throws(SystemError) -> [String]
  /// The devices among the links of a `/proc/PID/fd`.
  func openDevices(_ path: String) throws(SystemError) -> OpenDevices
  /// A directory, for several reads in it.
  func directory(_ path: String) throws(SystemError) -> any Directory

  /// One `write(2)` at the beginning of a file that exists: never creates, never truncates.
  func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemError)
  /// Puts a whole new file in place by `rename(2)`. `mode`: these bits exactly; nil for 0644 without those of the umask.
  func replace(_ path: String, with bytes: [UInt8], mode: UInt32?, synced: Bool) throws(SystemError)
  /// `mkdir(2)`: one directory.
  func makeDirectory(_ path: String, mode: UInt32) throws(SystemError)
  /// `symlink(2)`.
  func makeLink(_ path: String, to target: String) throws(SystemError)
  /// `rename(2)`.
  func rename(_ path: String, to other: String) throws(SystemError)
  /// `unlink(2)`.
  func unlink(_ path: String) throws(SystemError)
  /// `rmdir(2)`.
  func removeDirectory(_ path: String) throws(SystemError)
  /// `flock(2)` on a file, which is created if it does not exist; nil if it is locked already, unless `waiting`.
  /// It is for its owner alone (0600); one that others may open is replaced.
  func lock(_ path: String, waiting: Bool) throws(SystemError) -> (any FileLock)?
  /// The process that has such a lock (`/proc/locks`); nil if that cannot be told.
  func lockHolder(_ path: String) -> Int32?
  /// `chmod(2)` of what is there, which is no link.
  func setMode(_ path: String, _ mode: UInt32) throws(SystemError)
}

extension FileTree {
  public var isHost: Bool { false }
  public var hasRealSysfs: Bool { false }
  public var pathForChildren: String? { nil }
  public func lockHolder(_ path: String) -> Int32? { nil }
  public func readTogether(_ paths: [String]) -> [Result<[UInt8], SystemError>]? { nil }

  /// The folder that a path's last name is in, and that name.
  public static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }
}

/// A `flock(2)` that is held. The lock is released when the value is.
public protocol FileLock: AnyObject, Sendable {
  /// Says in the file who holds it; of use to people only.
  func label(_ text: String)
}
