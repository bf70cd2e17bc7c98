import CSystem
import Glibc

/// A directory of a `KernelTree`.
final class KernelDirectory: Directory {
  let path: String
  private let descriptor: Int32
  /// Nil if no read in it waits for a lock.
  private let tree: KernelTree?
  private let isOfKernel: Bool

  fileprivate init(_ path: String, _ descriptor: Int32, in tree: KernelTree) {
    self.path = path
    self.descriptor = descriptor
    isOfKernel = tree.isOfKernel(path + "/")
    self.tree = tree.lockedReads != nil && path.hasPrefix("/sys/") ? tree : nil
  }

  deinit { close(descriptor) }

  func read(_ name: String, limit: Int) throws(SystemError) -> [UInt8] {
    if let tree, LockedReads.names.contains(name) { return try tree.read("\(path)/\(name)", limit: limit) }
    let file = try open(name)
    defer { close(file) }
    do throws(SystemError) { return try KernelTree.readAll(file, path: path, limit: limit) } catch {
      throw SystemError(call: error.call, path: "\(path)/\(name)", errno: error.errno)
    }
  }

  /// A file that is not the kernel's is looked at first.
  private func open(_ name: String) throws(SystemError) -> Int32 {
    let flags = isOfKernel ? O_RDONLY | O_NONBLOCK | O_NOCTTY : hostdev_o_path
    let found = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC)
    if found < 0 { throw SystemError(call: "open", path: "\(path)/\(name)", errno: .current) }
    if isOfKernel { return found }
    defer { close(found) }
    let file = hostdev_reopen_file(found, O_RDONLY)
    if file < 0 { throw SystemError(call: "open", path: "\(path)/\(name)", errno: Errno(rawValue: -file)) }
    return file
  }

  var number: UInt64? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  func linkTarget(_ name: String) throws(SystemError) -> String {
    try KernelTree.readLink(descriptor, name, path: "\(path)/\(name)")
  }
}

extension KernelTree {
  func directory(_ path: String) throws(SystemError) -> any Directory {
    KernelDirectory(path, try open(path, hostdev_o_path | O_DIRECTORY), in: self)
  }

  /// `readlinkat(2)` of a name in a directory, or of the descriptor itself if the name is empty.
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
