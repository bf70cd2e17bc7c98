import Assessment

extension Finding {
  /// Several lines: severity and code, the fact, its evidence, and what to do.
  public func text(_ style: Style) -> String {
    var lines = ["\(style.severity(severity)) \(style.bold(code)): \(printable(message))"]
    lines += evidence.map { "    " + style.faint(printable($0)) }
    if !remedy.isEmpty { lines.append("    → " + printable(remedy)) }
    if severity == .error, isForceable, !remedy.contains("--force=\(code)") { lines.append("    → or, on your own account: --force=\(code)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
