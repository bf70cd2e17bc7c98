import Sysfs

/// Files that a test writes down, and nothing else.
public struct Written: Sysfs {
  public var files: [String: String] = [:]
  /// Files and folders that are there and may not be read.
  public var barred: Set<String> = []

  public init(_ files: [String: String] = [:], barred: Set<String> = []) {
    self.files = files
    self.barred = barred
  }

  public func entries(_ path: String) throws(SysfsError) -> [String] {
    if barred.contains(path) { throw SysfsError(.entries, at: path, errno: .accessDenied) }
    let names = Set(
      files.keys.filter { $0.hasPrefix(path + "/") }.compactMap {
        $0.dropFirst(path.count + 1).split(separator: "/").first
      })
    if names.isEmpty { throw SysfsError(.entries, at: path, errno: .noEntry) }
    return names.map(String.init).sorted()
  }

  public func read(_ path: String) throws(SysfsError) -> [UInt8] {
    if barred.contains(path) { throw SysfsError(.read, at: path, errno: .accessDenied) }
    guard let text = files[path] else { throw SysfsError(.read, at: path, errno: .noEntry) }
    return Array(text.utf8)
  }

  public func linkTarget(_ path: String) throws(SysfsError) -> String {
    let isThere = barred.contains(path) || files[path] != nil || (try? entries(path)) != nil
    throw SysfsError(.linkTarget, at: path, errno: isThere ? .invalid : .noEntry)
  }

  public func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    throw SysfsError(.write, at: path, errno: .readOnly)
  }
}
