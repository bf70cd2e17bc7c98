/// Why a command ends with anything but 0 or 1: one value, as text and as JSON.
public struct Diagnostic: Error, Sendable, Equatable {
  /// The exit status of the contract.
  public enum Status: Int32, Sendable {
    case rolledBack = 2
    case partial = 3
    case timeout = 4
    case usage = 64
    case malformed = 65
    case notFound = 66
    case missing = 69
    case locked = 75
    case notRoot = 77
  }

  public let status: Status
  /// What was being done.
  public let operation: String
  public let path: String?
  /// The kernel's answer by its C name.
  public let errno: String?
  /// What the state is now.
  public let state: String
  /// What to do next.
  public let next: String

  public init(_ status: Status, _ operation: String, path: String? = nil, errno: String? = nil, state: String = "nothing was changed", next: String) {
    self.status = status
    self.operation = operation
    self.path = path
    self.errno = errno
    self.state = state
    self.next = next
  }

  /// For standard error.
  public var text: String {
    var head = "hostdev: \(printable(operation))"
    if let path { head += ": \(printable(path))" }
    if let errno { head += ": \(errno)" }
    var lines = [head]
    if !state.isEmpty { lines.append("  state: \(printable(state))") }
    if !next.isEmpty { lines.append("  next:  \(printable(next))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The keys of `error`, into the object that is open.
  public func write(to json: inout JSONWriter) {
    json.key("error")
    json.object { json in
      json.key("status")
      json.value(Int(status.rawValue))
      json.key("operation")
      json.value(operation)
      json.key("path")
      json.value(path)
      json.key("errno")
      json.value(errno)
      json.key("state")
      json.value(state)
      json.key("next")
      json.value(next)
    }
  }
}
