import System

/// Copies single files, links and folders from one root to the same place below another, and knows what it made.
final class Copier {
  let source: Root
  private let target: Root
  private let redaction: Redaction?
  private(set) var files = 0
  private(set) var links = 0
  private(set) var skipped: [SystemError] = []
  /// In the order in which they were made.
  private var made: [Made] = []
  private var paths: Set<String> = []

  private enum Made {
    case file(String)
    case folder(String)
  }

  init(from source: Root, to target: Root, redaction: Redaction?) {
    self.source = source
    self.target = target
    self.redaction = redaction
  }

  /// Names in a folder of the source; none if it cannot be read.
  func entries(_ path: String) -> [String] {
    do { return try source.entries(path) } catch {
      note(error, path)
      return []
    }
  }

  /// Serial numbers and MAC addresses stay behind.
  var isRedacting: Bool { redaction != nil }

  func exists(_ path: String) -> Bool { source.exists(path) }

  /// What a file of the source says, without white space at its end.
  func text(_ path: String) -> String? {
    guard let bytes = try? source.read(path, limit: 1 << 16) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
  }

  /// The whole of a text; nil if it cannot be read, which is noted.
  func whole(_ path: String) -> String? {
    do { return String(decoding: try source.read(path, limit: 1 << 20), as: UTF8.self) } catch {
      note(error, path)
      return nil
    }
  }

  /// A file, if it is there and can be read. A megabyte is more than any attribute has.
  @discardableResult
  func file(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> Bool {
    let bytes: [UInt8]
    do { bytes = try source.read(path, limit: limit) } catch {
      note(error, path)
      return false
    }
    try put(path, redaction?.file(path, bytes) ?? bytes)
    return true
  }

  /// The whole of a folder's files; its folders not.
  func files(in folder: String) throws(SystemError) {
    for name in entries(folder) where (try? source.kind("\(folder)/\(name)")) == .file { try file("\(folder)/\(name)") }
  }

  /// A part of a file of the source.
  func text(_ path: String, _ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    try put(path, redaction?.file(path, bytes) ?? bytes)
  }

  /// A file that is only written, or a device node: that it is there.
  func mark(_ path: String) throws(SystemError) { try put(path, []) }

  private func put(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
    let path = redacted(path)
    guard paths.insert(path).inserted else { return }
    try folder(parent(of: path))
    try target.replace(path, with: bytes)
    made.append(.file(path))
    files += 1
  }

  /// A link of the source, or nil if there is none at `path`.
  func linkTarget(_ path: String) -> String? { try? source.linkTarget(path) }

  /// A link as it reads; made relative if it is absolute or leads above the root.
  func link(_ path: String, to text: String) throws(SystemError) {
    try makeLink(path, to: text.hasPrefix("/") || climbs(path, text) ? relative(path, resolved(path, text)) : text)
  }

  /// A link whose text is what counts: a process's open file, `/dev/vfio/12`. Nothing below a root follows it out.
  func literalLink(_ path: String, to text: String) throws(SystemError) { try makeLink(path, to: text) }

  private func makeLink(_ path: String, to text: String) throws(SystemError) {
    let path = redacted(path)
    guard paths.insert(path).inserted else { return }
    try folder(parent(of: path))
    try target.makeLink(path, to: redacted(text))
    made.append(.file(path))
    links += 1
  }

  /// A folder and those above it.
  func folder(_ path: String) throws(SystemError) {
    let path = redacted(path)
    if path == "/" || paths.contains(path) { return }
    try folder(parent(of: path))
    try target.makeDirectory(path)
    paths.insert(path)
    made.append(.folder(path))
  }

  private func redacted(_ text: String) -> String { redaction?.name(text) ?? text }

  /// What is not there is not worth a word: no host has everything.
  private func note(_ error: SystemError, _ path: String) {
    if error.errno == .noEntry || error.errno == .notDirectory { return }
    skipped.append(SystemError(call: error.call, path: path, errno: error.errno))
  }

  /// Removes all that was made; false if something stays.
  func takeAway() -> Bool {
    var isClean = true
    for item in made.reversed() {
      do throws(SystemError) {
        switch item {
        case .file(let path): try target.remove(path)
        case .folder(let path): try target.removeDirectory(path)
        }
      } catch { isClean = false }
    }
    return isClean
  }
}
