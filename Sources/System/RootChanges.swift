/// Our own files below the root: the journal, records, pins, and what the simulator changes.
extension Root {
  /// One `write(2)` to an existing file, as a sysfs attribute wants it: never creates, never truncates.
  public func writeAttribute(_ bytes: [UInt8], to path: String) throws(SystemError) {
    try tree.overwrite(path, with: bytes)
  }

  /// Puts a whole file in place with `rename(2)`: readers see the old one or the new one. Nothing is synced:
  /// what must survive a power cut says so by `synced`. `mode`: these bits exactly; else 0644 without those of the umask.
  public func replace(_ path: String, with bytes: [UInt8], mode: UInt32? = nil, synced: Bool = false)
    throws(SystemError)
  {
    try tree.replace(path, with: bytes, mode: mode, synced: synced)
  }

  /// `mkdir -p`.
  public func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    var sofar = ""
    for part in path.split(separator: "/") {
      sofar += "/" + part
      do throws(SystemError) { try tree.makeDirectory(sofar, mode: mode) } catch {
        if error.errno != .exists { throw error }
      }
    }
  }

  /// `symlink(2)`; EEXIST if something is there.
  public func makeLink(_ path: String, to target: String) throws(SystemError) {
    try tree.makeLink(path, to: target)
  }

  /// `rename(2)`; both below this root.
  public func rename(_ path: String, to other: String) throws(SystemError) { try tree.rename(path, to: other) }

  /// `unlink(2)`; true if there was something.
  @discardableResult
  public func remove(_ path: String) throws(SystemError) -> Bool {
    try wasThere { () throws(SystemError) in try tree.unlink(path) }
  }

  /// `rmdir(2)` of an empty directory; true if there was one.
  @discardableResult
  public func removeDirectory(_ path: String) throws(SystemError) -> Bool {
    try wasThere { () throws(SystemError) in try tree.removeDirectory(path) }
  }

  private func wasThere(_ remove: () throws(SystemError) -> Void) throws(SystemError) -> Bool {
    do throws(SystemError) { try remove() } catch {
      if error.errno == .noEntry { return false }
      throw error
    }
    return true
  }

  public func setMode(_ path: String, _ mode: UInt32) throws(SystemError) { try tree.setMode(path, mode) }

  /// The process that has this file locked; nil if that cannot be told.
  public func lockHolder(_ path: String) -> Int32? { tree.lockHolder(path) }

  /// `flock(2)` on a file, which is made if it does not exist; nil if another process holds it, unless `waiting`.
  /// Held until the value goes away.
  public func lock(_ path: String, waiting: Bool = false) throws(SystemError) -> (any FileLock)? {
    try tree.lock(path, waiting: waiting)
  }
}
