/// A file or folder that says nothing of what it should, and why.
public struct Unread: Sendable, Hashable, CustomStringConvertible {
  public let path: String
  /// From 1 on; nil where the whole is meant.
  public let line: Int?
  /// The errno's name, or what is wrong with the line.
  public let reason: String

  public init(_ path: String, line: Int? = nil, reason: String) {
    self.path = path
    self.line = line
    self.reason = reason
  }

  /// `/etc/netplan/50-host.yaml:3: not understood`.
  public var description: String { (line.map { "\(path):\($0)" } ?? path) + ": \(reason)" }
}
