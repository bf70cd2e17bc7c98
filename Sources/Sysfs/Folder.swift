import System

/// One directory of the tree, for several reads of what lies in it.
///
/// If the tree has handles for directories, the path is resolved once; the answers are those of the four verbs on
/// `path/name`.
public struct Folder: Sendable {
  public let path: String
  private let sysfs: any Sysfs
  private let directory: (any Directory)?

  fileprivate init(_ path: String, _ sysfs: any Sysfs) {
    self.path = path
    self.sysfs = sysfs
    directory = sysfs.directory(path)
  }

  /// The whole of an attribute.
  public func read(_ name: String) throws(SysfsError) -> [UInt8] {
    if let directory {
      do throws(SystemError) { return try directory.read(name) } catch {
        if error.errno != .loop { throw SysfsError(.read, error) }
      }
    }
    return try sysfs.read("\(path)/\(name)")
  }

  /// The text of a link.
  public func linkTarget(_ name: String) throws(SysfsError) -> String {
    guard let directory else { return try sysfs.linkTarget("\(path)/\(name)") }
    do { return try directory.linkTarget(name) } catch { throw SysfsError(.linkTarget, error) }
  }

  /// Text without the white space at its end; bytes that are not UTF-8 come as replacement characters.
  public func text(_ name: String) throws(SysfsError) -> String { trimmedText(try read(name)) }

  /// The last component of a link's text: a driver's name, a group's number.
  public func linkName(_ name: String) throws(SysfsError) -> String { lastName(try linkTarget(name)) }
}

extension Sysfs {
  /// The directory at `path`. It need not exist; the verbs report that.
  public func folder(_ path: String) -> Folder { Folder(path, self) }
}

func trimmedText(_ bytes: [UInt8]) -> String {
  var end = bytes.count
  while end > 0, case let last = bytes[end - 1], last == 0x0a || last == 0x20 || last == 0x09 || last == 0 { end -= 1 }
  return String(decoding: bytes[..<end], as: UTF8.self)
}
