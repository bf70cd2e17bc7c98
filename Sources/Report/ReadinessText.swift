import Diagnosis
import Operations

extension ReadinessCheck {
  /// Several lines as those of a finding: how it stands, what was looked for, what was found and where, and the way out.
  /// Of what is well one line.
  func text(_ style: Style) -> String {
    var lines = ["\(word(style)) \(style.bold(code.rawValue)): \(printable(message))"]
    if severity != .ok { lines += evidence.map { "    " + style.faint(printable($0)) } }
    if !remedy.isEmpty { lines.append("    → " + printable(remedy)) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func word(_ style: Style) -> String {
    switch severity {
    case .ok: style.good("ok")
    case .info: style.severity(.info)
    case .warning: style.severity(.warning)
    case .error: style.severity(.error)
    case .unknown: style.bold("unknown")
    }
  }
}

extension Rendering {
  /// What `doctor` says.
  public init(_ checks: [ReadinessCheck], as format: Format) {
    self.init(checks.isReady ? .done : .refused)
    guard format.isJSON else {
      for check in checks { text(check.text(format.style)) }
      text(verdict(checks, format.style))
      return
    }
    json { json in
      json.key("verdict")
      json.value(checks.isReady ? "ready" : "not-ready")
      json.key("checks")
      write(checks, to: &json)
    }
  }
}

private func verdict(_ checks: [ReadinessCheck], _ style: Style) -> String {
  if checks.isReady { return style.good("ready") + "\n" }
  let codes = Set(checks.filter { $0.severity == .error }.map(\.code.rawValue)).sorted()
  return style.bold("not ready") + ": " + codes.joined(separator: ", ") + "\n"
}

/// The list of checks, in the keys of a finding.
private func write(_ checks: [ReadinessCheck], to json: inout JSONWriter) {
  json.array { json in
    for check in checks {
      json.object { json in
        json.key("code")
        json.value(check.code.rawValue)
        json.key("severity")
        json.value(check.severity.rawValue)
        json.key("functions")
        json.values(check.functions.map(\.description))
        json.key("message")
        json.value(check.message)
        json.key("evidence")
        json.values(check.evidence)
        json.key("remedy")
        json.value(check.remedy)
      }
    }
  }
}
