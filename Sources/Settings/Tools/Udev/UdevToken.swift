/// `KEY{attribute}=="value"` of udev(7).
struct UdevToken: Sendable, Hashable {
  enum Operator: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case append = "+="
    case remove = "-="
    case final = ":="
    case assign = "="
  }

  let key: String
  /// What stands in braces; empty if there are none.
  let attribute: String
  let sign: Operator
  let value: String
  /// `i"value"`.
  var ignoresCase = false

  /// Keys that udev compares with a device, or that decide whether the rest of a line counts.
  var isMatch: Bool {
    switch sign {
    case .equal, .unequal: true
    case .append, .remove, .final, .assign: ["PROGRAM", "IMPORT", "RESULT", "TEST"].contains(key)
    }
  }

  /// The tokens of a line; nil if it cannot be read to its end, which udev ignores as a whole.
  static func all(_ line: String) -> [UdevToken]? {
    var found: [UdevToken] = []
    var rest = Substring(line)
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
      if rest.isEmpty { return found }
      guard let token = take(&rest) else { return nil }
      found.append(token)
    }
  }

  private static func take(_ rest: inout Substring) -> UdevToken? {
    let key = rest.prefix { $0.isASCII && ($0.isUppercase || $0 == "_") }
    rest = rest.dropFirst(key.count)
    guard !key.isEmpty else { return nil }
    var attribute = ""
    if rest.first == "{" {
      guard let end = rest.firstIndex(of: "}") else { return nil }
      attribute = String(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
    }
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
    rest = rest.drop(while: isBlank)
    guard let sign = Operator.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
    rest = rest.dropFirst(sign.rawValue.count).drop(while: isBlank)
    // `e"…"` has the escapes of C, `i"…"` is compared without regard to case.
    let marks = rest.prefix { $0 == "e" || $0 == "i" }
    rest = rest.dropFirst(marks.count)
    guard rest.popFirst() == "\"" else { return nil }
    var value = ""
    while let character = rest.popFirst() {
      if character == "\"" {
        return UdevToken(
          key: String(key), attribute: attribute, sign: sign, value: value, ignoresCase: marks.contains("i"))
      }
      if character == "\\", let next = rest.first, next == "\"" || marks.contains("e") {
        rest.removeFirst()
        value.append(next == "n" && marks.contains("e") ? "\n" : next)
      } else {
        value.append(character)
      }
    }
    return nil
  }
}
