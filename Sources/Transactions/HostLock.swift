import System

/// The one host-wide lock while it is held.
///
/// A run that had to make `/run/hostdev` for it and records nothing there removes it again: a command that only failed, or
/// found nothing to do, leaves no trace.
final class HostLock: FileLock {
  private let lock: any FileLock
  private let made: RecordFolders

  init(_ lock: any FileLock, made: RecordFolders) {
    self.lock = lock
    self.made = made
  }

  // Still locked here: `lock` goes away after this.
  deinit { made.removeIfUnused() }

  func label(_ text: String) { lock.label(text) }
}

/// Which of the folders for records did not exist before this run.
struct RecordFolders {
  private let root: Root
  private let isNew: Bool
  private let isAboveNew: Bool

  /// As it is before any of them is made.
  init(_ root: Root) {
    self.root = root
    isNew = !root.exists(Records.folder)
    isAboveNew = !root.exists("/run")
  }

  /// With the lock held. What another process has put there meanwhile stays, and the folders that it is in.
  func removeIfUnused() {
    guard isNew, isEmpty(Records.journals), isEmpty(Records.holds),
      (try? root.entries(Records.folder)) == ["held", "journal", "lock"]
    else { return }
    do {
      try root.removeDirectory(Records.journals)
      try root.removeDirectory(Records.holds)
      try root.remove(Records.lockFile)
      try root.removeDirectory(Records.folder)
      if isAboveNew { try root.removeDirectory("/run") }
    } catch { return }
  }

  private func isEmpty(_ folder: String) -> Bool { (try? root.entries(folder))?.isEmpty == true }
}
