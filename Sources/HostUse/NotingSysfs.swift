import Host
import PCI
import Sysfs
import Synchronization
import System

/// Passes every read on, and remembers what could not be read: what is not there is an answer, what was not readable is
/// none, and no area of evidence may take the one for the other.
final class NotingSysfs: Sysfs {
  private let sysfs: any Sysfs
  private let notes = Mutex<[String]>([])

  init(_ sysfs: any Sysfs) { self.sysfs = sysfs }

  /// Path and errno of each, once.
  var unread: [String] { notes.withLock { $0 } }

  /// Of an attribute of sysfs these tell that the read failed; others are what its driver answers.
  private static let failures: Set<Errno> = [.accessDenied, .io, .tooBig, .loop, .tooManyFiles, .noMemory]

  private func noting<Value>(_ read: () throws(SysfsError) -> Value) throws(SysfsError) -> Value {
    do { return try read() } catch {
      if isFailure(error) {
        let text = "\(error.path): \(error.errno.name)"
        notes.withLock { if !$0.contains(text), $0.count < 20 { $0.append(text) } }
      }
      throw error
    }
  }

  private func isFailure(_ error: SysfsError) -> Bool {
    switch error.errno {
    case .noEntry, .notDirectory, .noProcess: false
    // It is there, and no link.
    case .invalid where error.verb == .linkTarget: false
    // A FIFO or a node in place of a file. A kernel answers so of a process that has ended and waits for its parent
    // (`mounts_open_common`), and of attributes that have no value now.
    case .invalid: !(sysfs.isKernel && (error.path.hasPrefix("/proc/") || error.path.hasPrefix("/sys/")))
    // Without privilege the namespaces of others cannot be told; what is in them is read all the same.
    case .accessDenied where error.verb == .linkTarget && error.path.hasPrefix("/proc/"): false
    default: !error.path.hasPrefix("/sys/") || error.verb == .entries || Self.failures.contains(error.errno)
    }
  }

  func entries(_ path: String) throws(SysfsError) -> [String] {
    try noting { () throws(SysfsError) in try sysfs.entries(path) }
  }
  func read(_ path: String) throws(SysfsError) -> [UInt8] {
    try noting { () throws(SysfsError) in try sysfs.read(path) }
  }
  func beginning(_ path: String, count: Int) throws(SysfsError) -> [UInt8] {
    try noting { () throws(SysfsError) in try sysfs.beginning(path, count: count) }
  }
  func read(_ paths: [String]) -> [Result<[UInt8], SysfsError>] {
    sysfs.read(paths).map { result in
      Result { () throws(SysfsError) in try noting { () throws(SysfsError) in try result.get() } }
    }
  }
  func linkTarget(_ path: String) throws(SysfsError) -> String {
    try noting { () throws(SysfsError) in try sysfs.linkTarget(path) }
  }
  func write(_ value: [UInt8], to path: String) throws(SysfsError) { try sysfs.write(value, to: path) }
  func folders(_ path: String) throws(SysfsError) -> [String] {
    try noting { () throws(SysfsError) in try sysfs.folders(path) }
  }
  func openDevices(_ path: String) throws(SysfsError) -> OpenDevices {
    try noting { () throws(SysfsError) in try sysfs.openDevices(path) }
  }
  var isKernel: Bool { sysfs.isKernel }
}

extension Usage {
  /// What could not be read makes these respects of each of these functions unknown.
  mutating func note(_ unread: [String], as areas: [UnknownUse.Area], of functions: some Sequence<Address>) {
    guard !unread.isEmpty else { return }
    let reason = unread.prefix(3).joined(separator: ", ") + (unread.count > 3 ? " and \(unread.count - 3) more" : "")
    for function in functions {
      for area in areas where !unknown.contains(where: { $0.function == function && $0.area == area }) {
        unknown.append(UnknownUse(function: function, area: area, reason: reason))
      }
    }
  }
}
