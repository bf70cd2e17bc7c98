/// A line `Key=value` of a file in sections, as systemd and NetworkManager write them.
struct KeyLine: Sendable {
  let section: String
  let key: String
  let value: String
  let line: Int

  static func all(_ lines: [String]) -> [KeyLine] {
    var found: [KeyLine] = []
    var section = ""
    for (index, raw) in lines.enumerated() {
      let line = trimmed(raw)
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
      } else if let equals = line.firstIndex(of: "=") {
        found.append(
          KeyLine(
            section: section, key: trimmed(line[..<equals]), value: trimmed(line[line.index(after: equals)...]),
            line: index + 1))
      }
    }
    return found
  }
}

/// Without white space at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
  var rest = Substring(text).drop(while: isBlank)
  while let last = rest.last, isBlank(last) { rest.removeLast() }
  return String(rest)
}
