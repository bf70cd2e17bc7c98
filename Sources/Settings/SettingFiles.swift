import Sysfs

/// Reads files of settings, and remembers which of them could not be read.
///
/// A file that is not there is no setting on a host. In a capture it was perhaps only not taken along; which of these
/// folders a capture has at all says so.
struct SettingFiles {
  let sysfs: any Sysfs
  private(set) var unread: [Unread] = []

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  /// The lines of a file, blank ones too, so that their numbers count; nil where there is none.
  mutating func lines(_ path: String) -> [String]? {
    text(path).map { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        String(line.hasSuffix("\r") ? line.dropLast() : line)
      }
    }
  }

  mutating func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  mutating func bytes(_ path: String) -> [UInt8]? {
    do { return try sysfs.read(path) } catch {
      note(error)
      return nil
    }
  }

  /// Names in a folder, without those that editors and package managers leave behind.
  mutating func names(_ folder: String) -> [String] {
    do { return try sysfs.entries(folder).filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") } } catch {
      note(error)
      return []
    }
  }

  private mutating func note(_ error: SysfsError) {
    if error.errno == .noEntry || error.errno == .notDirectory { return }
    let found = Unread(error.path, error.errno.name)
    if !unread.contains(found) { unread.append(found) }
  }
}
