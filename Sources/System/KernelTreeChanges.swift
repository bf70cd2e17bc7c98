import CSystem
import Glibc

/// Our own files: the journal, records, pins, and what the simulator changes.
extension KernelTree {
  func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    let descriptor = try openFile(path, O_WRONLY)
    defer { close(descriptor) }
    // No retry on EINTR: the kernel may have acted on the value already.
    let count = Glibc.write(descriptor, bytes, bytes.count)
    if count < 0 { throw SystemError(call: "write", path: path, errno: .current) }
  }

  func replace(_ path: String, with bytes: [UInt8], mode: UInt32?, synced: Bool) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    let temporary = ".\(name).\(getpid())"
    // Never a file that exists already: it may be a FIFO, or a hard link to another file. Only a killed process with
    // our pid can have left a file of this name.
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

  func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    if mkdirat(directory, name, mode) != 0 { throw SystemError(call: "mkdir", path: path, errno: .current) }
  }

  func unlink(_ path: String) throws(SystemError) { try remove(path, 0) }

  func removeDirectory(_ path: String) throws(SystemError) { try remove(path, AT_REMOVEDIR) }

  private func remove(_ path: String, _ flags: Int32) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    if unlinkat(directory, name, flags) != 0 {
      throw SystemError(call: flags == 0 ? "unlink" : "rmdir", path: path, errno: .current)
    }
  }

  func makeLink(_ path: String, to target: String) throws(SystemError) {
    let (folder, name) = Self.split(path)
    let directory = try open(folder, hostdev_o_path | O_DIRECTORY)
    defer { close(directory) }
    if symlinkat(target, directory, name) != 0 { throw SystemError(call: "symlink", path: path, errno: .current) }
  }

  func rename(_ path: String, to other: String) throws(SystemError) {
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

  func lock(_ path: String, waiting: Bool) throws(SystemError) -> (any FileLock)? {
    while true {
      let descriptor = try openLock(path)
      // Our own file and nothing else: who holds the lock writes his name into it.
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_nlink < 2 else {
        close(descriptor)
        throw SystemError(call: "flock", path: path, errno: .invalid)
      }
      // Others may have it open, and flock(2) asks for no more than that: then it is replaced.
      if status.st_mode & 0o077 != 0 {
        close(descriptor)
        // Without what the kernel does not read of the name.
        try remove(String(path.prefix { $0 != "\0" }), 0)
        continue
      }
      var result: Int32
      repeat { result = flock(descriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
      if result == 0 {
        // The file may have been removed meanwhile: then it is the lock of nothing, and another one has its name.
        if isStill(path, descriptor) { return KernelLock(descriptor: descriptor) }
        close(descriptor)
        continue
      }
      let failure = Errno.current
      close(descriptor)
      if failure == .tryAgain { return nil }
      throw SystemError(call: "flock", path: path, errno: failure)
    }
  }

  /// The lock's file, made for root alone if there is none.
  private func openLock(_ path: String) throws(SystemError) -> Int32 {
    for _ in 0..<16 {
      do throws(SystemError) { return try openFile(path, O_RDWR, followingLinks: false) } catch {
        if error.errno != .noEntry { throw error }
      }
      let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
      do throws(SystemError) { return try open(path, flags, mode: 0o600) } catch {
        if error.errno != .exists { throw error }
      }
    }
    throw SystemError(call: "open", path: path, errno: .tryAgain)
  }

  /// The path leads to this very file.
  private func isStill(_ path: String, _ descriptor: Int32) -> Bool {
    var held = stat()
    var named = stat()
    guard fstat(descriptor, &held) == 0, let found = try? open(path, hostdev_o_path | O_NOFOLLOW) else { return false }
    defer { close(found) }
    return fstat(found, &named) == 0 && held.st_dev == named.st_dev && held.st_ino == named.st_ino
  }

  func lockHolder(_ path: String) -> Int32? {
    guard let found = try? open(path, hostdev_o_path | O_NOFOLLOW) else { return nil }
    defer { close(found) }
    var status = stat()
    guard fstat(found, &status) == 0, let machine = try? KernelTree("/", waitsForLocks: true, clock: .system),
      let table = try? machine.read("/proc/locks", limit: 1 << 20)
    else { return nil }
    // `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`; a file system may give the device another number than stat(2).
    let lines = String(decoding: table, as: UTF8.self).split(separator: "\n")
    for line in lines where line.contains("FLOCK") && !line.contains("->") {
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[5].split(separator: ":").last == "\(status.st_ino)" else { continue }
      return Int32(fields[4])
    }
    return nil
  }

  func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
    let found = try open(path, hostdev_o_path | O_NOFOLLOW)
    defer { close(found) }
    if chmod("/proc/self/fd/\(found)", mode) != 0 { throw SystemError(call: "chmod", path: path, errno: .current) }
  }
}

/// A `flock(2)` of the kernel; it belongs to the open file.
private final class KernelLock: FileLock {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  func label(_ text: String) {
    ftruncate(descriptor, 0)
    let bytes = Array(text.utf8)
    pwrite(descriptor, bytes, bytes.count, 0)
  }
}
