import Host

/// Goes over the text byte by byte, so that every piece knows its place.
struct ShellScanner {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  /// Every quote and every substitution is closed.
  private(set) var isComplete = true

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The next assignment of a command, be it behind `export` or `then`. What is behind `if` is taken for true.
  mutating func next() -> (name: String, isAppending: Bool, value: [ShellPiece])? {
    while let byte = peek() {
      if byte == UInt8(ascii: "#") {
        skip { $0 != 0x0a }
      } else if Self.endsWord(byte) {
        advance()
      } else if let found = assignment() {
        return found
      }
    }
    return nil
  }

  /// Nil behind a word that is none: a reserved one, or a whole command.
  private mutating func assignment() -> (name: String, isAppending: Bool, value: [ShellPiece])? {
    let name = self.name()
    let isAppending = peek() == UInt8(ascii: "+") && peek(1) == UInt8(ascii: "=")
    if !name.isEmpty, isAppending || peek() == UInt8(ascii: "=") {
      place += isAppending ? 2 : 1
      return (name, isAppending, pieces(until: Self.endsWord))
    }
    let isWhole = peek().map(Self.endsWord) ?? true
    if isWhole, Self.beforeCommands.contains(name) { return nil }
    if name.isEmpty, let mark = peek(), "{}!".utf8.contains(mark) {
      advance()
      return nil
    }
    _ = pieces(until: Self.endsWord)
    while let byte = peek(), !"\n;&|)#".utf8.contains(byte) {
      let before = place
      skip { $0 == 0x20 || $0 == 0x09 }
      if let next = peek(), !"\n;&|)#".utf8.contains(next) { _ = pieces(until: Self.endsWord) }
      if place == before { advance() }
    }
    return nil
  }

  private static let beforeCommands: Set = [
    "if", "then", "else", "elif", "do", "while", "until", "export", "readonly", "declare", "typeset", "local", "fi",
    "done",
    "esac",
  ]

  private static func endsWord(_ byte: UInt8) -> Bool { " \t\n;&|)".utf8.contains(byte) }

  private func peek(_ ahead: Int = 0) -> UInt8? { place + ahead < bytes.count ? bytes[place + ahead] : nil }

  private mutating func advance() {
    if peek() == 0x0a { line += 1 }
    place += 1
  }

  private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
    while let byte = peek(), isSkipped(byte) { advance() }
  }

  /// Letters, digits and `_`; empty if a digit comes first.
  private mutating func name() -> String {
    let start = place
    skip { byte in
      byte == UInt8(ascii: "_") || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || (0x30...0x39).contains(byte)
    }
    let name = String(decoding: bytes[start..<place], as: UTF8.self)
    if name.first?.isNumber != true { return name }
    place = start
    return ""
  }

  /// Up to the end that is in no quotes.
  private mutating func pieces(until isEnd: (UInt8) -> Bool) -> [ShellPiece] {
    var found: [ShellPiece] = []
    var quote: UInt8?
    while let byte = peek() {
      if quote == nil, isEnd(byte) { break }
      let start = (place: place, line: line)
      advance()
      if byte == quote {
        quote = nil
      } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'"), let next = peek() {
        advance()
        // Before the end of a line: the line goes on. Between quotes it stays before most others.
        if quote != nil, !"\n\"\\$`".utf8.contains(next) { found.append(piece(.byte(byte), start, end: place - 1)) }
        if next != 0x0a { found.append(piece(.byte(next), start, end: place)) }
      } else if quote != UInt8(ascii: "'"), byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") {
        let content = byte == UInt8(ascii: "$") ? expansion() : substitution(to: byte)
        found.append(piece(content, start, end: place))
      } else {
        found.append(piece(.byte(byte), start, end: place))
      }
    }
    if quote != nil { isComplete = false }
    return found
  }

  private func piece(_ content: ShellPiece.Content, _ start: (place: Int, line: Int), end: Int) -> ShellPiece {
    ShellPiece(content: content, line: start.line, range: start.place..<end)
  }

  /// Behind `$`.
  private mutating func expansion() -> ShellPiece.Content {
    guard let byte = peek() else { return .byte(UInt8(ascii: "$")) }
    if byte == UInt8(ascii: "(") {
      advance()
      return substitution(to: UInt8(ascii: ")"))
    }
    if byte == UInt8(ascii: "{") {
      advance()
      return braced()
    }
    let name = self.name()
    if !name.isEmpty { return .variable(name, .plain) }
    guard "0123456789?@*#$!-".utf8.contains(byte) else { return .byte(UInt8(ascii: "$")) }
    advance()
    return .unknown
  }

  /// Behind `${`.
  private mutating func braced() -> ShellPiece.Content {
    let end = UInt8(ascii: "}")
    let name = self.name()
    if !name.isEmpty, peek() == end {
      advance()
      return .variable(name, .plain)
    }
    let heedsEmpty = peek() == UInt8(ascii: ":")
    guard !name.isEmpty, let mark = peek(heedsEmpty ? 1 : 0), "-=+".utf8.contains(mark) else {
      return substitution(to: end)
    }
    place += heedsEmpty ? 2 : 1
    let other = pieces { $0 == end }
    if peek() == end { advance() } else { isComplete = false }
    return .variable(name, mark == UInt8(ascii: "+") ? .ifSet(other) : .ifUnset(other))
  }

  /// A command's output, which nothing here can know: passes over it, and what it holds in turn.
  private mutating func substitution(to end: UInt8) -> ShellPiece.Content {
    var open = [end]
    while let last = open.last, let byte = peek() {
      advance()
      if byte == UInt8(ascii: "\\"), last != UInt8(ascii: "'") {
        advance()
      } else if byte == last {
        open.removeLast()
      } else if last == UInt8(ascii: "'") {
        continue
      } else if byte == UInt8(ascii: "$"), let next = peek(), next == UInt8(ascii: "(") || next == UInt8(ascii: "{") {
        advance()
        open.append(next == UInt8(ascii: "(") ? UInt8(ascii: ")") : UInt8(ascii: "}"))
      } else if byte == UInt8(ascii: "("), last == UInt8(ascii: ")") {
        open.append(last)
      } else if "\"`".utf8.contains(byte) || byte == UInt8(ascii: "'") && last != UInt8(ascii: "\"") {
        open.append(byte)
      }
    }
    if !open.isEmpty { isComplete = false }
    return .unknown
  }
}
