import Glibc
import Synchronization
import System

/// A tree that this process keeps in memory, and answers for as Linux does for one on a disk.
///
/// The roots that are opened on it share it, as processes share a disk. `copy()` is another disk with the same files, and
/// costs little: a simulation takes one at every moment that it goes on from.
public final class MemoryTree: FileTree {
  let state: Mutex<State>

  struct State: Sendable {
    var files: FileSystem
    /// Inodes that are locked.
    var locked: Set<Int> = []
  }

  /// An empty one.
  public convenience init() { self.init(FileSystem(owner: User.number, mode: 0o755)) }

  private init(_ files: FileSystem) { state = Mutex(State(files: files)) }

  /// All below another root as it is now, with its owners and permission bits.
  public convenience init(copying root: Root) throws(SystemError) {
    let rights = try root.rights("/")
    var files = FileSystem(owner: rights.owner, mode: rights.mode)
    try files.take("", from: root, into: FileSystem.top)
    self.init(files)
  }

  /// The same files, and no lock.
  public func copy() -> MemoryTree { MemoryTree(snapshot) }

  /// A root of a process's own.
  public func root(named path: String = "memory") -> Root { Root(self, named: path) }

  /// The files at this moment.
  var snapshot: FileSystem { state.withLock { $0.files } }

  // MARK: Looking

  private func inode(_ path: String, followingLinks: Bool = true) throws(SystemError) -> Inode {
    let files = snapshot
    guard let inode = files[try files.find(path, followingLinks: followingLinks)] else {
      throw SystemError(call: "open", path: path, errno: .noEntry)
    }
    return inode
  }

  public func rights(_ path: String, followingLinks: Bool) throws(SystemError) -> Rights {
    try inode(path, followingLinks: followingLinks).rights
  }

  public func mayWrite(_ path: String) throws(SystemError) { _ = try inode(path) }

  public func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    try inode(path).read(as: path, limit: limit)
  }

  public func readPlain(_ path: String, limit: Int) throws(SystemError) -> (bytes: [UInt8], rights: Rights) {
    let inode = try inode(path, followingLinks: false)
    if case .link = inode.content { throw SystemError(call: "open", path: path, errno: .loop) }
    guard inode.rights.kind == .file else { throw SystemError(call: "open", path: path, errno: .invalid) }
    return (try inode.read(as: path, limit: limit), inode.rights)
  }

  public func linkTarget(_ path: String) throws(SystemError) -> String {
    guard case .link(let target) = try inode(path, followingLinks: false).content else {
      throw SystemError(call: "readlink", path: path, errno: .invalid)
    }
    return target
  }

  /// A temporary file of no name, with these bytes, for a child process to read.
  public func openForReading(_ path: String) throws(SystemError) -> Int32 {
    let bytes = try read(path, limit: .max)
    guard let file = tmpfile() else { throw SystemError(call: "open", path: path, errno: Errno(rawValue: errno)) }
    defer { fclose(file) }
    fwrite(bytes, 1, bytes.count, file)
    fflush(file)
    let descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3)
    lseek(descriptor, 0, SEEK_SET)
    return descriptor
  }

  // MARK: Listing

  public func entries(_ path: String) throws(SystemError) -> [String] {
    let files = snapshot
    return (files.names(in: try files.directory(path)) ?? [:]).keys.map(\.text)
  }

  public func folders(_ path: String) throws(SystemError) -> [String] {
    let files = snapshot
    return (files.names(in: try files.directory(path)) ?? [:]).compactMap { name, number in
      files.names(in: number) == nil ? nil : name.text
    }
  }

  /// As of a capture: by name.
  public func openDevices(_ path: String) throws(SystemError) -> OpenDevices {
    let files = snapshot
    var found = OpenDevices()
    for number in (files.names(in: try files.directory(path)) ?? [:]).values {
      found.seen += 1
      if case .link(let text)? = files[number]?.content, OpenDevice.isDevice(text) {
        found.devices.append(OpenDevice(name: text, number: nil))
      }
    }
    return found
  }

  public func directory(_ path: String) throws(SystemError) -> any Directory {
    MemoryDirectory(path, try snapshot.directory(path), in: self)
  }
}

extension Inode {
  /// The whole of a file; `path` is what errors name.
  func read(as path: String, limit: Int) throws(SystemError) -> [UInt8] {
    switch content {
    case .file(let bytes):
      if bytes.count > limit { throw SystemError(call: "read", path: path, errno: .tooBig) }
      return bytes
    case .folder: throw SystemError(call: "read", path: path, errno: .isDirectory)
    case .link: throw SystemError(call: "open", path: path, errno: .loop)
    case .node: throw SystemError(call: "open", path: path, errno: .invalid)
    }
  }
}

/// A directory of a `MemoryTree`, by its inode: a rename does not change it.
private final class MemoryDirectory: Directory {
  let path: String
  private let inode: Int
  private let tree: MemoryTree

  init(_ path: String, _ inode: Int, in tree: MemoryTree) {
    self.path = path
    self.inode = inode
    self.tree = tree
  }

  var number: UInt64? { UInt64(inode) }

  func read(_ name: String, limit: Int) throws(SystemError) -> [UInt8] {
    try find(name, call: "open").read(as: "\(path)/\(name)", limit: limit)
  }

  func linkTarget(_ name: String) throws(SystemError) -> String {
    guard case .link(let target) = try find(name, call: "readlink").content else {
      throw SystemError(call: "readlink", path: "\(path)/\(name)", errno: .invalid)
    }
    return target
  }

  private func find(_ name: String, call: String) throws(SystemError) -> Inode {
    let files = tree.snapshot
    do throws(SystemError) {
      if let found = files[try files.find(name, from: inode, followingLinks: false)] { return found }
    } catch { throw SystemError(call: call, path: "\(path)/\(name)", errno: error.errno) }
    throw SystemError(call: call, path: "\(path)/\(name)", errno: .noEntry)
  }
}
