import System

/// The one door to the kernel's picture of the host: four verbs, and two listings made of them, on the host's own paths
/// (`/sys/…`, `/proc/…`).
///
/// Behind it is a running kernel, a capture, or the simulator that answers writes to a capture.
public protocol Sysfs: Sendable {
  /// Names in a directory, sorted.
  func entries(_ path: String) throws(SysfsError) -> [String]
  /// The whole of an attribute or file.
  func read(_ path: String) throws(SysfsError) -> [UInt8]
  /// The first bytes of a file, all of them if it has no more.
  func beginning(_ path: String, count: Int) throws(SysfsError) -> [UInt8]
  /// The whole of each of several attributes that may not be answered for long. ETIMEDOUT if one was not: all of them
  /// together are waited for no longer than a second or so.
  func read(_ paths: [String]) -> [Result<[UInt8], SysfsError>]
  /// The text of a link, not followed.
  func linkTarget(_ path: String) throws(SysfsError) -> String
  /// One write. On a kernel it may not return for minutes, or at all.
  func write(_ value: [UInt8], to path: String) throws(SysfsError)

  /// Names of the directories in a directory, no links, sorted. What the verbs above answer, in one listing.
  func folders(_ path: String) throws(SysfsError) -> [String]
  /// The devices among the links of a `/proc/PID/fd`; without numbers if those cannot be told.
  func openDevices(_ path: String) throws(SysfsError) -> OpenDevices

  /// A handle for several reads in one directory; nil if there is none to be had, and the verbs above do.
  func directory(_ path: String) -> (any Directory)?
  /// Behind it is a running kernel, and no capture of one.
  var isKernel: Bool { get }
}

/// What was tried on which path, and what the kernel answered.
public struct SysfsError: Error, Equatable, Sendable {
  public enum Verb: String, Sendable { case entries, read, linkTarget, write }

  public let verb: Verb
  public let path: String
  public let errno: Errno

  public init(_ verb: Verb, at path: String, errno: Errno) {
    self.verb = verb
    self.path = path
    self.errno = errno
  }

  init(_ verb: Verb, _ error: SystemError) { self.init(verb, at: error.path, errno: error.errno) }
}

/// Reads a tree, be it a kernel's or a capture's, and writes only if it is a kernel's.
public struct TreeSysfs: Sysfs {
  private let root: Root
  private let isWritable: Bool

  /// `isWritable`: the tree is the running kernel's own, in the host's namespaces.
  public init(_ root: Root, isWritable: Bool) {
    self.root = root
    self.isWritable = isWritable
  }

  public func entries(_ path: String) throws(SysfsError) -> [String] {
    do { return try root.entries(path) } catch { throw SysfsError(.entries, error) }
  }

  public func read(_ path: String) throws(SysfsError) -> [UInt8] {
    do { return try root.read(path) } catch { throw SysfsError(.read, error) }
  }

  public func beginning(_ path: String, count: Int) throws(SysfsError) -> [UInt8] {
    do { return try ByteSource(path, in: root).read(count) } catch { throw SysfsError(.read, error) }
  }

  public func read(_ paths: [String]) -> [Result<[UInt8], SysfsError>] {
    root.read(paths).map { $0.mapError { SysfsError(.read, $0) } }
  }

  public var isKernel: Bool { root.hasRealSysfs }

  public func linkTarget(_ path: String) throws(SysfsError) -> String {
    do { return try root.linkTarget(path) } catch { throw SysfsError(.linkTarget, error) }
  }

  public func folders(_ path: String) throws(SysfsError) -> [String] {
    do { return try root.folders(path) } catch { throw SysfsError(.entries, error) }
  }

  public func openDevices(_ path: String) throws(SysfsError) -> OpenDevices {
    do { return try root.openDevices(path) } catch { throw SysfsError(.entries, error) }
  }

  public func directory(_ path: String) -> (any Directory)? { try? root.directory(path) }

  public func write(_ value: [UInt8], to path: String) throws(SysfsError) {
    guard isWritable else { throw SysfsError(.write, at: path, errno: .readOnly) }
    do { try root.writeAttribute(value, to: path) } catch { throw SysfsError(.write, error) }
  }
}

extension Sysfs {
  public func directory(_ path: String) -> (any Directory)? { nil }

  public var isKernel: Bool { false }

  public func beginning(_ path: String, count: Int) throws(SysfsError) -> [UInt8] {
    Array(try read(path).prefix(count))
  }

  public func read(_ paths: [String]) -> [Result<[UInt8], SysfsError>] {
    paths.map { path in Result { () throws(SysfsError) in try read(path) } }
  }

  public func folders(_ path: String) throws(SysfsError) -> [String] {
    try entries(path).filter { name in
      // A link answers its text, anything else EINVAL; only a directory has entries.
      if (try? linkTarget("\(path)/\(name)")) != nil { return false }
      return (try? entries("\(path)/\(name)")) != nil
    }
  }

  public func openDevices(_ path: String) throws(SysfsError) -> OpenDevices {
    var found = OpenDevices()
    for name in try entries(path) {
      found.seen += 1
      guard let text = try? linkTarget("\(path)/\(name)"), OpenDevice.isDevice(text) else { continue }
      found.devices.append(OpenDevice(name: text, number: nil))
    }
    return found
  }

  /// Text without the white space at its end; bytes that are not UTF-8 come as replacement characters.
  public func text(_ path: String) throws(SysfsError) -> String {
    trimmedText(try read(path))
  }

  /// The last component of a link's text: a driver's name, a group's number.
  public func linkName(_ path: String) throws(SysfsError) -> String {
    lastName(try linkTarget(path))
  }

  public func exists(_ path: String) -> Bool {
    do {
      _ = try linkTarget(path)
      return true
    } catch {
      // EINVAL: it is there and no link.
      return error.errno == .invalid
    }
  }
}
