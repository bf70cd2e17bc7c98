/// The directory below which everything is read: `/`, or a capture.
///
/// Every path is the host's own (`/sys/…`), and no link leads out: see `FileTree`.
public final class Root: Sendable {
  /// As the user named it.
  public let path: String
  let tree: any FileTree

  /// `open(2)` of the directory. `waitsForLocks`: who reads may itself be left behind, and waits for as long as the
  /// kernel does. `clock`: counts how long an attribute may take to answer.
  public init(_ path: String, waitsForLocks: Bool = false, clock: Clock = .system) throws(SystemError) {
    self.path = path
    tree = try KernelTree(path, waitsForLocks: waitsForLocks, clock: clock)
  }

  /// A tree that is open already; `path` is only its name.
  public init(_ tree: any FileTree, named path: String) {
    self.path = path
    self.tree = tree
  }

  /// A name by which a child of ours opens this very directory, whatever has become of its own name since.
  public var pathForChildren: String { tree.pathForChildren ?? path }

  /// The host that we run on, not a capture.
  public var isHost: Bool { tree.isHost }

  /// `statfs(2)` says that `/sys` below this root is a kernel's sysfs (SYSFS_MAGIC).
  public var hasRealSysfs: Bool { tree.hasRealSysfs }

  // MARK: Looking

  /// What kind of thing is at `path`, links followed; nil if there is nothing, or a link that leads nowhere.
  public func kind(_ path: String) throws(SystemError) -> FileKind? {
    do throws(SystemError) { return try tree.rights(path, followingLinks: true).kind } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw error
    }
  }

  /// Something is at `path`; false too if that cannot be told.
  public func exists(_ path: String) -> Bool { ((try? kind(path)) ?? nil) != nil }

  /// What is at `path` itself, a link not followed (`fstat(2)`).
  public func rights(_ path: String) throws(SystemError) -> Rights { try tree.rights(path, followingLinks: false) }

  /// Whether this process may write below the root's directory at `path` (`faccessat(2)`).
  public func mayWrite(_ path: String) throws(SystemError) { try tree.mayWrite(path) }

  // MARK: Reading

  /// The whole of a file. More than `limit` bytes is EFBIG; EINVAL for a device or a FIFO, which a capture may hold in
  /// place of a file.
  public func read(_ path: String, limit: Int? = nil) throws(SystemError) -> [UInt8] {
    try tree.read(path, limit: limit ?? Self.limit(path))
  }

  /// The whole of each of several files. If the tree is a kernel's, they are read together, so that those that wait for
  /// a lock (ETIMEDOUT) wait at the same time.
  public func read(_ paths: [String]) -> [Result<[UInt8], SystemError>] {
    if let answers = tree.readTogether(paths) { return answers }
    return paths.map { path in Result { () throws(SystemError) in try read(path) } }
  }

  /// No attribute is longer than a page, and `config` is not; of other files `modules.alias` and `pci.ids` are the longest.
  private static func limit(_ path: String) -> Int { path.hasPrefix("/sys/") ? 1 << 16 : 1 << 24 }

  /// The whole of a plain file, and the rights of that very file. ELOOP if the name is a link, EINVAL if it is not a
  /// plain file. More than `limit` bytes is EFBIG.
  public func readPlain(_ path: String, limit: Int) throws(SystemError) -> (bytes: [UInt8], rights: Rights) {
    try tree.readPlain(path, limit: limit)
  }

  /// See `FileTree`.
  func openForReading(_ path: String) throws(SystemError) -> Int32 { try tree.openForReading(path) }

  /// The text of a symbolic link, which is not followed. EINVAL if it is not a link.
  public func linkTarget(_ path: String) throws(SystemError) -> String { try tree.linkTarget(path) }

  // MARK: Listing

  /// Names in a directory, without `.` and `..`, sorted by their bytes.
  public func entries(_ path: String) throws(SystemError) -> [String] { try tree.entries(path).sorted() }

  /// Names of the directories in a directory, sorted by their bytes; a link to a directory is none.
  public func folders(_ path: String) throws(SystemError) -> [String] { try tree.folders(path).sorted() }

  /// The devices, and attributes of devices, among a process's open files; `path` is its `/proc/PID/fd`.
  public func openDevices(_ path: String) throws(SystemError) -> OpenDevices { try tree.openDevices(path) }

  /// `open(2)` of a directory, for several reads in it.
  public func directory(_ path: String) throws(SystemError) -> any Directory { try tree.directory(path) }
}
