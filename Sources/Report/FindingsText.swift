import Checks

/// Findings for a person: a block per finding, and after them a remedy that several of them share.
struct FindingsText {
  let format: Format
  /// Codes that `--force` overrules.
  var forced: Set<FindingCode> = []

  private var style: Style { format.style }

  func text(_ findings: [Finding]) -> String {
    let shared = sharedRemedies(findings)
    let width = findings.map { $0.code.rawValue.utf8.count }.max() ?? 0
    var text = ""
    for finding in findings { text += block(finding, width: width, hidingRemedy: shared.contains(finding.remedy)) }
    for remedy in shared { text += "\(style.arrow) \(printable(remedy))\n" }
    return text
  }

  /// Mark, code and fact; the evidence; what to do.
  private func block(_ finding: Finding, width: Int, hidingRemedy: Bool) -> String {
    let code = finding.code.rawValue
    let padding = String(repeating: " ", count: width - code.utf8.count + 2)
    let head = "\(style.mark(finding.severity)) \(style.bold(code))\(padding)"
    let used = displayWidth(style.plainMark(finding.severity)) + 1 + width + 2
    let message = style.encoded(printable(finding.message))
    var text = head + wrapped(message, from: used, indent: 4, columns: format.columns) + "\n"
    for line in finding.evidence { text += "    " + style.faint(style.encoded(printable(line.description))) + "\n" }
    if isOverruled(finding) {
      text += "    overruled: --force=\(code)\n"
    } else if !finding.remedy.isEmpty, !hidingRemedy {
      text += "    \(style.arrow) \(printable(finding.remedy))\n"
    }
    return text
  }

  private func isOverruled(_ finding: Finding) -> Bool {
    finding.severity == .error && finding.isForceable && forced.contains(finding.code)
  }

  /// In the order in which they come.
  private func sharedRemedies(_ findings: [Finding]) -> [String] {
    var seen: [String: Int] = [:]
    var order: [String] = []
    for finding in findings where !finding.remedy.isEmpty && !isOverruled(finding) {
      if seen[finding.remedy] == nil { order.append(finding.remedy) }
      seen[finding.remedy, default: 0] += 1
    }
    return order.filter { seen[$0, default: 0] > 1 }
  }
}

/// Text in lines of at most `columns`, the first of which begins at column `from`; the others are indented. One line if
/// there is no terminal.
func wrapped(_ text: String, from start: Int, indent: Int, columns: Int?) -> String {
  guard let columns, columns > start + 20 else { return text }
  var result = ""
  var column = start
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let width = displayWidth(String(word))
    if result.isEmpty {
      result += word
      column += width
    } else if column + 1 + width > columns, column > indent {
      result += "\n" + String(repeating: " ", count: indent) + word
      column = indent + width
    } else {
      result += " " + word
      column += 1 + width
    }
  }
  return result
}

/// `a`, `a and b`, `a, b and c`.
func enumerated(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}
