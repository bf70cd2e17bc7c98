/// What YAML has in brackets: `[eno1, eno2]`, `{name: "en*", macaddress: 00:11:22:33:44:55}`.
struct FlowParser {
  private var rest: Substring
  private var depth = 0

  init(_ text: String) { rest = text[...] }

  static func isBalanced(_ text: String) -> Bool {
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "[" || character == "{" {
        depth += 1
      } else if character == "]" || character == "}" {
        depth -= 1
      }
    }
    return depth <= 0 && quote == nil
  }

  /// Nil where it is not understood, or something follows.
  mutating func whole() -> PlainYAML? {
    guard let value = value() else { return nil }
    skip()
    return rest.isEmpty ? value : nil
  }

  private mutating func skip() { rest = rest.drop { $0 == " " || $0 == "\t" } }

  private mutating func take(_ character: Character) -> Bool {
    skip()
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func value() -> PlainYAML? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 30 else { return nil }
    if take("[") {
      var values: [PlainYAML] = []
      while !take("]") {
        guard let value = value() else { return nil }
        values.append(value)
        if !take(","), !rest.hasPrefix("]") { return nil }
      }
      return .list(values)
    }
    if take("{") {
      var entries: [PlainYAML.Entry] = []
      while !take("}") {
        guard let key = scalar(endingAt: [":"]), take(":"), let value = value() else { return nil }
        entries.append(PlainYAML.Entry(key: key, line: 0, value: value))
        if !take(","), !rest.hasPrefix("}") { return nil }
      }
      return .map(entries)
    }
    return scalar(endingAt: [",", "]", "}"]).map(PlainYAML.scalar)
  }

  private mutating func scalar(endingAt ends: Set<Character>) -> String? {
    skip()
    if let quote = rest.first, quote == "\"" || quote == "'" {
      rest.removeFirst()
      guard let end = rest.firstIndex(of: quote) else { return nil }
      let text = rest[..<end]
      rest = rest[rest.index(after: end)...]
      return text.contains("\\") ? nil : String(text)
    }
    let text = rest.prefix { !ends.contains($0) }
    rest = rest[text.endIndex...]
    let bare = trimmed(text)
    return bare.isEmpty || "&*!|>@`[{".contains(bare.first ?? " ") ? nil : bare
  }
}
