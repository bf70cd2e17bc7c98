import Sysfs
import System

/// Reads files of settings, and remembers which of them could not be read.
///
/// On a host a file that does not exist sets nothing. In a capture it was perhaps only not taken along; which of these
/// folders a capture has at all says so.
struct SettingFiles {
  let sysfs: any Sysfs
  private(set) var unread: [Unread] = []

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  /// The lines of a file, blank ones too, so that their numbers count; nil if there is none.
  mutating func lines(_ path: String) -> [String]? {
    bytes(path).map { bytes in
      bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      }
    }
  }

  mutating func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  /// The whole of a file. More than `limit` bytes is EFBIG.
  mutating func bytes(_ path: String, limit: Int = .max) -> [UInt8]? {
    do {
      let bytes = try sysfs.read(path)
      if bytes.count <= limit { return bytes }
      unread.append(Unread(path, reason: .errno(.tooBig)))
    } catch { note(error) }
    return nil
  }

  /// The first bytes of a file, which may be a large one; nil if there is none.
  mutating func beginning(_ path: String, count: Int) -> [UInt8]? {
    do { return try sysfs.beginning(path, count: count) } catch { note(error) }
    return nil
  }

  /// It is there, and says nothing of what it should.
  func isUnread(_ path: String) -> Bool { unread.contains { $0.path == path } }

  /// Names in a folder, without those that editors and package managers leave behind.
  mutating func names(_ folder: String) -> [String] {
    listing(folder).filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }
  }

  /// Files with this ending in these folders, in the order of their names; a file hides those of its name in later ones.
  mutating func files(in folders: [String], ending: String) -> [String] {
    var files: [String: String] = [:]
    for folder in folders {
      for name in listing(folder) where name.hasSuffix(ending) && !name.hasPrefix(".") && files[name] == nil {
        files[name] = "\(folder)/\(name)"
      }
    }
    return files.sorted { $0.key < $1.key }.map(\.value)
  }

  mutating func isUnclear(_ path: String, line: Int? = nil) {
    unread.append(Unread(path, line: line, reason: .notUnderstood))
  }

  private mutating func listing(_ folder: String) -> [String] {
    do { return try sysfs.entries(folder) } catch {
      note(error)
      return []
    }
  }

  private mutating func note(_ error: SysfsError) {
    if error.errno == .noEntry || error.errno == .notDirectory { return }
    unread.append(Unread(error.path, reason: .errno(error.errno)))
  }
}
