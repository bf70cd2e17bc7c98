import Sysfs
import System

/// Files of a daemon's configuration, with the lines of each and what could not be read.
struct ConfigurationFiles {
  let sysfs: any Sysfs
  /// Path and why: the kernel's answer, or what was not understood.
  private(set) var unread: [String] = []

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  /// Files with this ending in these folders, in the order of their names; a file hides those of its name in later ones.
  mutating func files(in folders: [String], ending: String) -> [String] {
    var files: [String: String] = [:]
    for folder in folders {
      let names: [String]
      do { names = try sysfs.entries(folder) } catch {
        if error.errno != .noEntry && error.errno != .notDirectory { unread.append("\(folder): \(error.errno)") }
        continue
      }
      for name in names where name.hasSuffix(ending) && !name.hasPrefix(".") && files[name] == nil {
        files[name] = "\(folder)/\(name)"
      }
    }
    return files.sorted { $0.key < $1.key }.map(\.value)
  }

  /// All lines, empty ones too, so that their numbers are right.
  mutating func lines(_ path: String) -> [String] {
    guard let bytes = bytes(path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
  }

  /// The whole of a file; nil where there is none, or it could not be read. More than `limit` bytes is EFBIG.
  mutating func bytes(_ path: String, limit: Int = .max) -> [UInt8]? {
    do {
      let bytes = try sysfs.read(path)
      if bytes.count <= limit { return bytes }
      unread.append("\(path): \(Errno.tooBig)")
    } catch {
      if error.errno != .noEntry { unread.append("\(path): \(error.errno)") }
    }
    return nil
  }

  mutating func isUnclear(_ path: String, line: Int) { unread.append("\(path):\(line): not understood") }
}

/// A line `Key=value` of a file in sections, as systemd and NetworkManager write them.
struct KeyLine: Sendable {
  let section: String
  let key: String
  let value: String
  let line: Int

  static func all(_ lines: [String]) -> [KeyLine] {
    var found: [KeyLine] = []
    var section = ""
    for (index, raw) in lines.enumerated() {
      let line = trimmed(raw)
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
      } else if let equals = line.firstIndex(of: "=") {
        found.append(
          KeyLine(
            section: section, key: trimmed(line[..<equals]), value: trimmed(line[line.index(after: equals)...]),
            line: index + 1))
      }
    }
    return found
  }
}

/// Without white space at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
  var rest = Substring(text).drop(while: isBlank)
  while let last = rest.last, isBlank(last) { rest.removeLast() }
  return String(rest)
}
