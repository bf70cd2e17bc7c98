import Glibc
import Synchronization
import System

extension MemoryTree {
  public func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    try change { files throws(SystemError) in
      let number = try files.find(path)
      guard let inode = files[number] else { return }
      switch inode.content {
      case .file(let old): files[number] = Inode(.file(bytes + old.dropFirst(bytes.count)), like: inode)
      case .folder: throw SystemError(call: "open", path: path, errno: .isDirectory)
      case .link, .node: throw SystemError(call: "open", path: path, errno: .invalid)
      }
    }
  }

  public func replace(_ path: String, with bytes: [UInt8], mode: UInt32?, synced: Bool) throws(SystemError) {
    try change { files throws(SystemError) in
      let (folder, name) = try files.place(path)
      if FileName(".\(name.text).\(getpid())").isTooLong { throw Self.failure("open", path, ENAMETOOLONG) }
      if name.text.isEmpty { throw Self.failure("rename", path, ENOENT) }
      if name.isDot || name.isTwoDots { throw Self.failure("rename", path, EBUSY) }
      let old = files.names(in: folder)?[name]
      if let old, files.names(in: old) != nil { throw Self.failure("rename", path, EISDIR) }
      let number = files.add(Inode(.file(bytes), owner: User.number, mode: mode ?? 0o644))
      files.set(name, in: folder, to: number)
      if let old { files[old] = nil }
    }
  }

  public func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
    try make("mkdir", path) { folder in
      .folder([:], above: folder)
    } mode: {
      mode & ~0o022
    }
  }

  public func makeLink(_ path: String, to target: String) throws(SystemError) {
    let (folder, _) = Self.split(path)
    _ = try snapshot.directory(folder)
    if target.isEmpty { throw Self.failure("symlink", path, ENOENT) }
    if target.utf8.count >= PATH_MAX { throw Self.failure("symlink", path, ENAMETOOLONG) }
    try make("symlink", path) { _ in
      .link(target)
    } mode: {
      0o777
    }
  }

  /// Something new under a name that is free.
  private func make(
    _ call: String, _ path: String, _ content: (_ folder: Int) -> Inode.Content, mode: () -> UInt32
  ) throws(SystemError) {
    try change { files throws(SystemError) in
      let (folder, name) = try files.place(path)
      if name.text.isEmpty { throw Self.failure(call, path, ENOENT) }
      if name.isTooLong { throw Self.failure(call, path, ENAMETOOLONG) }
      if name.isDot || name.isTwoDots || files.names(in: folder)?[name] != nil {
        throw Self.failure(call, path, EEXIST)
      }
      let number = files.add(Inode(content(folder), owner: User.number, mode: mode()))
      files.set(name, in: folder, to: number)
    }
  }

  public func rename(_ path: String, to other: String) throws(SystemError) {
    try change { files throws(SystemError) in
      func failure(_ errno: Int32) -> SystemError { Self.failure("rename", path, errno) }
      let (folder, name) = try files.place(path)
      let (otherFolder, otherName) = try files.place(other)
      if name.text.isEmpty || otherName.text.isEmpty { throw failure(ENOENT) }
      if [name, otherName].contains(where: { $0.isDot || $0.isTwoDots }) { throw failure(EBUSY) }
      if name.isTooLong { throw failure(ENAMETOOLONG) }
      guard let number = files.names(in: folder)?[name] else { throw failure(ENOENT) }
      if otherName.isTooLong { throw failure(ENAMETOOLONG) }
      let old = files.names(in: otherFolder)?[otherName]
      if old == number { return }
      let isFolder = files.names(in: number) != nil
      if isFolder, files.isAbove(number, otherFolder) { throw failure(EINVAL) }
      if let old {
        let inside = files.names(in: old)
        if inside != nil, folder != otherFolder, files.isAbove(old, folder) { throw failure(ENOTEMPTY) }
        if isFolder, inside == nil { throw failure(ENOTDIR) }
        if !isFolder, inside != nil { throw failure(EISDIR) }
        if let inside, !inside.isEmpty { throw failure(ENOTEMPTY) }
      }
      files.set(name, in: folder, to: nil)
      files.set(otherName, in: otherFolder, to: number)
      if let old { files[old] = nil }
    }
  }

  public func unlink(_ path: String) throws(SystemError) {
    try change { files throws(SystemError) in
      let (folder, name) = try files.place(path)
      if name.text.isEmpty { throw Self.failure("unlink", path, ENOENT) }
      if name.isDot || name.isTwoDots { throw Self.failure("unlink", path, EISDIR) }
      if name.isTooLong { throw Self.failure("unlink", path, ENAMETOOLONG) }
      guard let number = files.names(in: folder)?[name] else { throw Self.failure("unlink", path, ENOENT) }
      if files.names(in: number) != nil { throw Self.failure("unlink", path, EISDIR) }
      files.set(name, in: folder, to: nil)
      files[number] = nil
    }
  }

  public func removeDirectory(_ path: String) throws(SystemError) {
    try change { files throws(SystemError) in
      let (folder, name) = try files.place(path)
      if name.text.isEmpty { throw Self.failure("rmdir", path, ENOENT) }
      if name.isDot { throw Self.failure("rmdir", path, EINVAL) }
      if name.isTwoDots { throw Self.failure("rmdir", path, ENOTEMPTY) }
      if name.isTooLong { throw Self.failure("rmdir", path, ENAMETOOLONG) }
      guard let number = files.names(in: folder)?[name] else { throw Self.failure("rmdir", path, ENOENT) }
      guard let inside = files.names(in: number) else { throw Self.failure("rmdir", path, ENOTDIR) }
      if !inside.isEmpty { throw Self.failure("rmdir", path, ENOTEMPTY) }
      files.set(name, in: folder, to: nil)
      files[number] = nil
    }
  }

  /// One call: what it throws it has not done.
  private func change(_ body: (inout FileSystem) throws(SystemError) -> Void) throws(SystemError) {
    try state.withLock { state throws(SystemError) in try body(&state.files) }
  }

  private static func failure(_ call: String, _ path: String, _ errno: Int32) -> SystemError {
    SystemError(call: call, path: path, errno: Errno(rawValue: errno))
  }

  public func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
    try change { files throws(SystemError) in
      let number = try files.find(path)
      if let inode = files[number] { files[number] = Inode(inode.content, owner: inode.owner, mode: mode) }
    }
  }

  // MARK: Lock

  public func lock(_ path: String, waiting: Bool) throws(SystemError) -> (any FileLock)? {
    let number = try state.withLock { state throws(SystemError) in try state.files.openLock(path) }
    while true {
      if state.withLock({ $0.locked.insert(number).inserted }) { return MemoryLock(number, in: self) }
      if !waiting { return nil }
      Clock.system.sleep(milliseconds: 1)
    }
  }

  fileprivate func unlock(_ number: Int) { _ = state.withLock { $0.locked.remove(number) } }

  fileprivate func put(_ text: String, into number: Int) {
    state.withLock { state in
      guard let inode = state.files[number] else { return }
      state.files[number] = Inode(.file(Array(text.utf8)), like: inode)
    }
  }
}

extension FileSystem {
  /// `open(2)` with O_CREAT and O_NOFOLLOW of a plain file.
  fileprivate mutating func openLock(_ path: String) throws(SystemError) -> Int {
    func failure(_ errno: Int32, _ call: String = "open") -> SystemError {
      SystemError(call: call, path: path, errno: Errno(rawValue: errno))
    }
    var bare = FileName(path).text
    if bare.isEmpty { throw failure(ENOENT) }
    let isFolder = bare.last == "/"
    while bare.last == "/" { bare.removeLast() }
    let (above, text) = MemoryTree.split(bare)
    let folder = try find(above, as: path)
    guard let names = names(in: folder) else { throw failure(ENOTDIR) }
    let name = FileName(text)
    if name.isDot || name.isTwoDots { throw failure(EISDIR) }
    if name.isTooLong { throw failure(ENAMETOOLONG) }
    // What is there is looked up first.
    if isFolder {
      if let there = try? find(bare), self.names(in: there) == nil { throw failure(ENOTDIR) }
      throw failure(EISDIR)
    }
    func made() -> Int {
      let number = add(Inode(.file([]), owner: User.number, mode: 0o600))
      set(name, in: folder, to: number)
      return number
    }
    guard let number = names[name] else { return made() }
    switch self[number]?.content {
    case .link: throw failure(ELOOP)
    case .folder: throw failure(EISDIR)
    case .node: throw failure(EINVAL)
    // One that others may open is replaced.
    case .file, nil: return (self[number]?.mode ?? 0) & 0o077 == 0 ? number : made()
    }
  }
}

/// Belongs to the value, as the kernel's belongs to the open file; what becomes of the file's name does not matter.
private final class MemoryLock: FileLock {
  private let number: Int
  private let tree: MemoryTree

  init(_ number: Int, in tree: MemoryTree) {
    self.number = number
    self.tree = tree
  }

  deinit { tree.unlock(number) }

  func label(_ text: String) { tree.put(text, into: number) }
}
