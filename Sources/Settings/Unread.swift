import System

/// A file or folder that says nothing of what it should, and why.
public struct Unread: Sendable, Hashable, CustomStringConvertible {
  public let path: String
  /// From 1 on; nil if the whole is meant.
  public let line: Int?
  public let reason: Reason

  public enum Reason: Sendable, Hashable {
    case errno(Errno)
    case notUnderstood
  }

  public init(_ path: String, line: Int? = nil, reason: Reason) {
    self.path = path
    self.line = line
    self.reason = reason
  }

  /// `/etc/netplan/50-host.yaml:3: not understood`.
  public var description: String { (line.map { "\(path):\($0)" } ?? path) + ": \(reason)" }

  /// The file may only be read by others: by root, as a rule.
  public var isDenied: Bool { reason == .errno(.accessDenied) }
}

extension Unread.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .errno(let errno): errno.name
    case .notUnderstood: "not understood"
    }
  }
}
