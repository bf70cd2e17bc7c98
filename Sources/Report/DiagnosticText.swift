import Operations

extension Diagnostic {
  /// For standard error.
  public var text: String {
    var head = "hostdev: \(printable(operation))"
    if let path { head += ": \(printable(path))" }
    if let errno { head += ": \(errno)" }
    var lines = [head]
    // Of what was only typed wrong there is nothing else to know.
    if status == .usage || status == .notFound, state.isEmpty || state == Self.unchanged {
      if !next.isEmpty { lines.append("         \(printable(next))") }
      return lines.joined(separator: "\n") + "\n"
    }
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
