import Checks

extension Finding {
  /// Several lines: severity and code, the fact, its evidence, and what to do. `forced`: what is overruled, which is said
  /// in place of what to do.
  public func text(_ style: Style, forced: Set<FindingCode> = []) -> String {
    var lines = ["\(style.severity(severity)) \(style.bold(code.rawValue)): \(printable(message))"]
    lines += evidence.map { "    " + style.faint(printable($0.description)) }
    if severity == .error, isForceable, forced.contains(code) {
      return (lines + ["    overruled: --force=\(code)"]).joined(separator: "\n") + "\n"
    }
    if !remedy.isEmpty { lines.append("    → " + printable(remedy)) }
    if severity == .error, isForceable, forceCondition == nil {
      lines.append("    → or, on your own account: --force=\(code)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
