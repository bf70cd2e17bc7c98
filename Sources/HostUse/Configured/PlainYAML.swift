/// The part of YAML that people write netplan's files in: maps and lists by indentation or in brackets, plain and quoted
/// scalars, comments. What is beyond it (anchors, tags, text over several lines) is not guessed at: it is an error.
indirect enum PlainYAML: Sendable, Equatable {
  case scalar(String)
  case list([PlainYAML])
  case map([Entry])

  struct Entry: Sendable, Equatable {
    let key: String
    /// From 1 on.
    let line: Int
    let value: PlainYAML
  }

  /// The line that is not understood.
  struct Unclear: Error, Equatable { let line: Int }

  var entries: [Entry] { if case .map(let entries) = self { entries } else { [] } }
  subscript(_ key: String) -> PlainYAML? { entries.first { $0.key == key }?.value }
  var text: String? { if case .scalar(let text) = self { text } else { nil } }
  /// The scalars of a list; one scalar is a list of one.
  var texts: [String] {
    switch self {
    case .scalar(let text): text.isEmpty ? [] : [text]
    case .list(let values): values.compactMap(\.text)
    case .map: []
    }
  }
  var isTrue: Bool { ["true", "yes", "on", "y"].contains(text?.lowercased()) }

  init(_ lines: [String]) throws(Unclear) {
    var parser = YAMLParser(lines)
    self = try parser.document()
  }
}

/// Lines with their indentation, read from the first to the last.
struct YAMLParser {
  private struct Line {
    let number: Int
    var indent: Int
    var text: String
  }

  private var lines: [Line] = []
  private var place = 0
  private var depth = 0

  init(_ texts: [String]) {
    for (index, raw) in texts.enumerated() {
      let bare = trimmed(Self.withoutComment(raw))
      if bare.isEmpty || bare == "---" || bare == "..." || bare.hasPrefix("%") { continue }
      lines.append(Line(number: index + 1, indent: raw.prefix { $0 == " " }.count, text: bare))
    }
  }

  mutating func document() throws(PlainYAML.Unclear) -> PlainYAML {
    guard let first = lines.first else { return .map([]) }
    let value = try block(first.indent)
    if place < lines.count { throw unclear }
    return value
  }

  private var unclear: PlainYAML.Unclear { PlainYAML.Unclear(line: place < lines.count ? lines[place].number : 0) }

  /// From a `#` at the start or after white space on, unless it is quoted.
  private static func withoutComment(_ line: String) -> Substring {
    var quote: Character?
    var before: Character = " "
    for (place, character) in zip(line.indices, line) {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#", before == " " || before == "\t" {
        return line[..<place]
      }
      before = character
    }
    return line[...]
  }

  private func isItem(_ text: String) -> Bool { text == "-" || text.hasPrefix("- ") }

  private mutating func block(_ indent: Int) throws(PlainYAML.Unclear) -> PlainYAML {
    depth += 1
    defer { depth -= 1 }
    guard depth < 30, place < lines.count else { throw unclear }
    return try isItem(lines[place].text) ? list(indent) : map(indent)
  }

  private mutating func list(_ indent: Int) throws(PlainYAML.Unclear) -> PlainYAML {
    var values: [PlainYAML] = []
    while place < lines.count, lines[place].indent == indent, isItem(lines[place].text) {
      let rest = trimmed(lines[place].text.dropFirst())
      if rest.isEmpty {
        place += 1
        guard place < lines.count, lines[place].indent > indent else { throw unclear }
        values.append(try block(lines[place].indent))
      } else if isItem(rest) || Self.key(rest) != nil {
        // `- to: default`: a map whose first line stands behind the hyphen.
        lines[place].indent = indent + lines[place].text.count - rest.count
        lines[place].text = rest
        values.append(try block(lines[place].indent))
      } else {
        values.append(try value(rest))
      }
    }
    if place < lines.count, lines[place].indent > indent { throw unclear }
    return .list(values)
  }

  private mutating func map(_ indent: Int) throws(PlainYAML.Unclear) -> PlainYAML {
    var entries: [PlainYAML.Entry] = []
    while place < lines.count, lines[place].indent == indent, !isItem(lines[place].text) {
      let line = lines[place]
      guard let (key, rest) = Self.key(line.text), key != "<<" else { throw unclear }
      let value: PlainYAML
      if rest.isEmpty {
        place += 1
        let next = place < lines.count ? lines[place] : nil
        if let next, next.indent > indent || next.indent == indent && isItem(next.text) {
          value = try block(next.indent)
        } else {
          value = .scalar("")
        }
      } else {
        value = try self.value(rest)
      }
      entries.append(PlainYAML.Entry(key: key, line: line.number, value: value))
    }
    if place < lines.count, lines[place].indent > indent { throw unclear }
    return .map(entries)
  }

  /// The value that begins here; brackets may go on over the lines that follow.
  private mutating func value(_ first: String) throws(PlainYAML.Unclear) -> PlainYAML {
    guard let mark = first.first, !"&*!|>@`".contains(mark) else { throw unclear }
    var text = first
    if mark == "[" || mark == "{" {
      while !FlowParser.isBalanced(text), place + 1 < lines.count {
        place += 1
        text += " " + lines[place].text
      }
    }
    var flow = FlowParser(text)
    guard let value = mark == "[" || mark == "{" ? flow.whole() : Self.plain(first).map(PlainYAML.scalar) else {
      throw unclear
    }
    place += 1
    return value
  }

  /// `key: rest`; nil where the line is none.
  private static func key(_ text: String) -> (key: String, rest: String)? {
    if let quote = text.first, quote == "\"" || quote == "'" {
      guard let end = text.dropFirst().firstIndex(of: quote) else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.hasPrefix(":") else { return nil }
      return (String(text[text.index(after: text.startIndex)..<end]), trimmed(rest.dropFirst()))
    }
    if text.hasPrefix("[") || text.hasPrefix("{") { return nil }
    if text.hasSuffix(":"), !text.contains(": ") { return (String(text.dropLast()), "") }
    guard let colon = text.firstRange(of: ": ") else { return nil }
    return (trimmed(text[..<colon.lowerBound]), trimmed(text[colon.upperBound...]))
  }

  /// A scalar without its quotes; nil where the quotes do not close.
  static func plain(_ text: String) -> String? {
    guard let quote = text.first, quote == "\"" || quote == "'" else { return text }
    guard text.count >= 2, text.last == quote, !text.contains("\\") else { return nil }
    return String(text.dropFirst().dropLast())
  }
}
