import Glibc
import System

/// Files in memory as a value: inodes by number. A copy shares everything with the original until one of them changes, and
/// then all but the inodes around that one.
///
/// Paths are resolved and refused as Linux does (`path_resolution(7)`), as for root: permission bits are kept, and do
/// not deny access. There is no umask but 022, no hard link, no limit to its size.
struct FileSystem: Sendable {
  static let top = 0
  private static let chunk = 64
  private var chunks: [[Inode?]] = []
  private var count = 0

  /// A top directory with nothing in it.
  init(owner: UInt32, mode: UInt32) { _ = add(Inode(.folder([:], above: Self.top), owner: owner, mode: mode)) }

  /// Nil once it was removed: a number is never given again.
  subscript(number: Int) -> Inode? {
    get { chunks[number / Self.chunk][number % Self.chunk] }
    set { chunks[number / Self.chunk][number % Self.chunk] = newValue }
  }

  mutating func add(_ inode: Inode) -> Int {
    if count % Self.chunk == 0 { chunks.append(Array(repeating: nil, count: Self.chunk)) }
    count += 1
    self[count - 1] = inode
    return count - 1
  }

  /// The names in a directory; nil if it is none.
  func names(in number: Int) -> [FileName: Int]? {
    guard case .folder(let names, _)? = self[number]?.content else { return nil }
    return names
  }

  /// Gives a name in a directory to an inode, or takes it away.
  mutating func set(_ name: FileName, in folder: Int, to number: Int?) {
    guard let inode = self[folder], case .folder(var names, let above) = inode.content else { return }
    names[name] = number
    self[folder] = Inode(.folder(names, above: above), like: inode)
    if let number, let moved = self[number], case .folder(let inside, _) = moved.content {
      self[number] = Inode(.folder(inside, above: folder), like: moved)
    }
  }

  // MARK: Paths

  /// `openat2(2)` with RESOLVE_IN_ROOT, from the directory `start`. Errors name `whole`, if that is given.
  func find(
    _ path: String, from start: Int = top, followingLinks: Bool = true, as whole: String? = nil
  ) throws(SystemError) -> Int {
    func failure(_ errno: Int32) -> SystemError {
      SystemError(call: "open", path: whole ?? path, errno: Errno(rawValue: errno))
    }
    if path.isEmpty { throw failure(ENOENT) }
    if path.utf8.count >= PATH_MAX { throw failure(ENAMETOOLONG) }
    var here = path.utf8.first == UInt8(ascii: "/") ? Self.top : start
    var rest: [FileName] = FileName.reversed(path)
    var links = 0
    while let name = rest.popLast() {
      guard case .folder(let names, let above)? = self[here]?.content else {
        throw failure(self[here] == nil ? ENOENT : ENOTDIR)
      }
      if name.isDot { continue }
      if name.isTwoDots {
        here = above
        continue
      }
      if name.isTooLong { throw failure(ENAMETOOLONG) }
      guard let next = names[name] else { throw failure(ENOENT) }
      guard case .link(let target)? = self[next]?.content, followingLinks || !rest.isEmpty else {
        here = next
        continue
      }
      links += 1
      if links > Self.mostLinks { throw failure(ELOOP) }
      if target.utf8.first == UInt8(ascii: "/") { here = Self.top }
      rest += FileName.reversed(target)
    }
    return here
  }

  /// MAXSYMLINKS of the kernel's namei.h.
  private static let mostLinks = 40

  /// The directory at a path. ENOTDIR for anything else.
  func directory(_ path: String) throws(SystemError) -> Int {
    let number = try find(path)
    if names(in: number) == nil { throw SystemError(call: "open", path: path, errno: .notDirectory) }
    return number
  }

  /// The directory in which a call looks for a path's last name, and that name.
  func place(_ path: String) throws(SystemError) -> (folder: Int, name: FileName) {
    let (folder, name) = MemoryTree.split(path)
    return (try directory(folder), FileName(name))
  }

  /// `number` is `folder`, or above it.
  func isAbove(_ number: Int, _ folder: Int) -> Bool {
    var here = folder
    while here != number {
      guard here != Self.top, case .folder(_, let above)? = self[here]?.content else { return false }
      here = above
    }
    return true
  }
}

/// One file, link or directory, as it is at one moment.
final class Inode: Sendable {
  enum Content: Sendable {
    case file([UInt8])
    case link(String)
    /// The numbers of what is in it, and of the directory that `..` leads to.
    case folder([FileName: Int], above: Int)
    /// A device, a FIFO or a socket: there, and never read.
    case node(FileKind)
  }

  let content: Content
  let owner: UInt32
  let mode: UInt32

  init(_ content: Content, owner: UInt32, mode: UInt32) {
    self.content = content
    self.owner = owner
    self.mode = mode
  }

  convenience init(_ content: Content, like other: Inode) {
    self.init(content, owner: other.owner, mode: other.mode)
  }

  var rights: Rights {
    switch content {
    case .file: Rights(owner: owner, mode: mode, kind: .file, isLink: false)
    case .link: Rights(owner: owner, mode: mode, kind: .other, isLink: true)
    case .folder: Rights(owner: owner, mode: mode, kind: .directory, isLink: false)
    case .node(let kind): Rights(owner: owner, mode: mode, kind: kind, isLink: false)
    }
  }
}
