import Synchronization
import System

extension FileSystem {
  /// Everything in a directory of another tree.
  mutating func take(_ path: String, from root: Root, into folder: Int) throws(SystemError) {
    for name in try root.entries(path.isEmpty ? "/" : path) {
      let place = "\(path)/\(name)"
      let rights = try root.rights(place)
      let content: Inode.Content =
        if rights.isLink {
          .link(try root.linkTarget(place))
        } else if rights.kind == .directory {
          .folder([:], above: folder)
        } else if rights.kind == .file {
          .file(try root.read(place, limit: .max))
        } else {
          .node(rights.kind)
        }
      let number = add(Inode(content, owner: rights.owner, mode: rights.mode))
      set(FileName(name), in: folder, to: number)
      if rights.kind == .directory { try take(place, from: root, into: number) }
    }
  }
}

extension Fixture {
  /// A copy of it in memory. The disk is read once in a process.
  public func inMemory() throws -> MemoryTree {
    if let tree = Self.loaded.withLock({ $0[name] }) { return tree.copy() }
    let tree = try Self.load(self)
    Self.loaded.withLock { $0[name] = tree }
    return tree.copy()
  }

  private static let loaded = Mutex<[String: MemoryTree]>([:])

  private static func load(_ fixture: Fixture) throws -> MemoryTree {
    if try Root(folder).exists("/\(fixture.name).tar.xz") {
      let unpacked = try Scratch(fixture)
      return try withExtendedLifetime(unpacked) { try MemoryTree(copying: unpacked.root) }
    }
    return try MemoryTree(copying: Root(fixture.path))
  }
}
