import PCI
import System

/// This host's PCI picture as a tree that `--root` takes: what the commands read, and nothing else.
///
/// Attributes go by a list of names (`Attributes`): of those that it does not know, some act when they are read, some
/// take seconds.
public struct Snapshot {
  private let source: Root
  private let wakes: Bool
  private let pending: Set<Address>

  /// - Parameters:
  ///   - source: the host, or another capture.
  ///   - wakes: read `config` of sleeping functions too, which wakes them.
  ///   - pending: functions with a write under way, of which `Attributes.locked` are left out.
  public init(source: Root, wakes: Bool = false, pending: Set<Address> = []) {
    self.source = source
    self.wakes = wakes
    self.pending = pending
  }

  /// Writes the tree into a folder that is empty, or that it makes (its parent must be there).
  ///
  /// With `redact` serial numbers and MAC addresses are left out (see `Redaction`). What cannot be read is left out and
  /// reported. If writing fails, what was written is removed again.
  public func write(to directory: String, redact: Bool) throws(SnapshotError) -> SnapshotSummary {
    do { _ = try source.entries(Places.functions) } catch { throw .source(error) }
    guard case .ready(let target, let isNew) = try destination(directory) else { throw .notEmpty(directory) }
    let copier = Copier(from: source, to: target, redaction: redact ? Redaction() : nil)
    do throws(SystemError) {
      let tree = DeviceCopier(copier, wakes: wakes, pending: pending)
      try tree.copyFunctions()
      try tree.copyClasses()
      try copyBus(copier)
      try copyGroups(copier)
      try copyModules(copier)
      let unseen = try copyProcesses(copier)
      try copySingleFiles(copier)
      try copySettings(copier)
      try copyUnits(copier)
      try copyConfiguration(copier)
      return SnapshotSummary(
        files: copier.files, links: copier.links, skipped: copier.skipped, asleep: tree.asleep,
        processesUnseen: unseen)
    } catch {
      let isClean = copier.takeAway() && (!isNew || removeFolder(directory))
      throw .destination(error, isClean: isClean)
    }
  }

  private enum Destination {
    case ready(Root, isNew: Bool)
    case notEmpty
  }

  private func destination(_ directory: String) throws(SnapshotError) -> Destination {
    do throws(SystemError) {
      let root = try Root(directory)
      let isEmpty = try root.entries("/").isEmpty
      guard isEmpty else { return .notEmpty }
      return .ready(root, isNew: false)
    } catch { if error.errno != .noEntry { throw .destination(error, isClean: true) } }
    do throws(SystemError) {
      let (parent, name) = Self.split(directory)
      try Root(parent).makeDirectory("/" + name)
      return .ready(try Root(directory), isNew: true)
    } catch { throw .destination(SystemError(call: error.call, path: directory, errno: error.errno), isClean: true) }
  }

  private func removeFolder(_ directory: String) -> Bool {
    let (parent, name) = Self.split(directory)
    return (try? Root(parent).removeDirectory("/" + name)) == true
  }

  private static func split(_ directory: String) -> (parent: String, name: String) {
    var trimmed = directory[...]
    while trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
    let parent = trimmed[..<slash]
    return (parent.isEmpty ? "/" : String(parent), String(trimmed[trimmed.index(after: slash)...]))
  }
}

/// What a snapshot has, and what it lacks.
public struct SnapshotSummary: Sendable {
  public let files: Int
  public let links: Int
  /// What is there and could not be read.
  public let skipped: [SystemError]
  /// Functions whose `config` was left alone because they sleep.
  public let asleep: [Address]
  /// Processes whose open files could not be looked at; the snapshot says so when it is read.
  public let processesUnseen: Int
}

/// Why there is no snapshot.
public enum SnapshotError: Error, Equatable, Sendable {
  /// No `/sys/bus/pci/devices` to read.
  case source(SystemError)
  /// The destination has something in it.
  case notEmpty(String)
  /// The destination could not be made or written. `isClean`: nothing of ours is left there.
  case destination(SystemError, isClean: Bool)
}

extension SnapshotError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .source(let error): "\(error.path): \(error.errno.text) (\(error.errno)): the PCI bus cannot be read"
    case .notEmpty(let directory): "\(directory): not empty; a snapshot needs an empty directory"
    case .destination(let error, let isClean):
      "\(error.path): \(error.call): \(error.errno.text) (\(error.errno)); "
        + (isClean ? "the incomplete snapshot was removed" : "an incomplete snapshot is left there")
    }
  }
}
