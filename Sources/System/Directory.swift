import CSystem
import Glibc

/// One directory below a root, opened once for several reads: the way to it is walked once.
///
/// Only names in it are asked for, and no link is followed here: where one leads is the root's to say.
public final class Directory: Sendable {
  /// As it was asked for below the root; what errors name.
  public let path: String
  private let descriptor: Int32
  /// Of the root: see there.
  private let root: Root?

  fileprivate init(_ path: String, _ descriptor: Int32, in root: Root) {
    self.path = path
    self.descriptor = descriptor
    self.root = root.lockedReads != nil && path.hasPrefix("/sys/") ? root : nil
  }

  deinit { close(descriptor) }

  /// The whole of a file; ELOOP where the name is a link. More than `limit` bytes is EFBIG.
  public func read(_ name: String, limit: Int = 1 << 16) throws(SystemError) -> [UInt8] {
    if let root, LockedReads.names.contains(name) { return try root.read("\(path)/\(name)") }
    let file = openat(descriptor, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
    if file < 0 { throw SystemError(call: "open", path: "\(path)/\(name)", errno: .current) }
    defer { close(file) }
    do throws(SystemError) { return try Root.readAll(file, path: path, limit: limit) } catch {
      throw SystemError(call: error.call, path: "\(path)/\(name)", errno: error.errno)
    }
  }

  /// The inode's number: on a kernel's sysfs another one for every device that comes, even at the place of an old one.
  public var number: UInt64? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  /// The text of a link. EINVAL where the name is none.
  public func linkTarget(_ name: String) throws(SystemError) -> String {
    try Root.readLink(descriptor, name, path: "\(path)/\(name)")
  }
}

extension Root {
  /// `open(2)` of a directory, for several reads in it.
  public func directory(_ path: String) throws(SystemError) -> Directory {
    Directory(path, try open(path, hostdev_o_path | O_DIRECTORY), in: self)
  }

  /// `readlinkat(2)` of a name in a directory, or of the descriptor itself where the name is empty.
  static func readLink(_ directory: Int32, _ name: String, path: @autoclosure () -> String) throws(SystemError)
    -> String
  {
    var failure: Errno?
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> String in
      guard let start = buffer.baseAddress else { return "" }
      let count = readlinkat(directory, name, start, buffer.count)
      if count < 0 {
        failure = .current
        return ""
      }
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
    if let failure { throw SystemError(call: "readlink", path: path(), errno: failure) }
    return text
  }
}
