import Checks
import Operations

extension Finding {
  /// As `doctor` says it: several lines as of any finding, and of what is well one.
  fileprivate func hostText(_ style: Style) -> String {
    var lines = ["\(style.severity(severity)) \(style.bold(code.rawValue)): \(printable(message))"]
    if severity != .ok { lines += evidence.map { "    " + style.faint(printable($0.description)) } }
    if !remedy.isEmpty { lines.append("    → " + printable(remedy)) }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Rendering {
  /// What `doctor` says.
  public init(_ readiness: Readiness, as format: Format) {
    self.init(readiness.isReady ? .done : .refused)
    guard format.isJSON else {
      for finding in readiness.findings { text(finding.hostText(format.style)) }
      text(verdict(readiness, format.style))
      return
    }
    json { json in
      json.key("verdict")
      json.value(readiness.isReady ? "ready" : "not-ready")
      json.key("checks")
      write(readiness.findings, to: &json, forceable: false)
    }
  }
}

private func verdict(_ readiness: Readiness, _ style: Style) -> String {
  if readiness.isReady { return style.good("ready") + "\n" }
  let codes = Set(readiness.findings.filter { $0.severity == .error }.map(\.code.rawValue)).sorted()
  return style.bold("not ready") + ": " + codes.joined(separator: ", ") + "\n"
}
