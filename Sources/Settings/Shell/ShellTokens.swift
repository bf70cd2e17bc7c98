/// The words and operators of a shell script, as dash and bash split them. Nothing is expanded.
struct ShellTokens {
  enum Token: Equatable {
    case word(String)
    /// `;`, a line's end, `|`, `>`, `(` …
    case sign(String)
  }

  /// Characters of no script that stand for what a word has in these places.
  enum Mark {
    /// A `$` that is not expanded.
    static let dollar: Character = "\u{E000}"
    /// What only a run would tell: the output of a command.
    static let unknown: Character = "\u{E001}"
    /// The device of udev's event.
    static let device: Character = "\u{E002}"
  }

  private(set) var tokens: [(token: Token, line: Int)] = []
  private var rest: Substring
  private var line: Int
  private var word: String?
  /// Ends of here-documents that begin with the next line.
  private var pending: [String] = []

  init(_ text: String, firstLine: Int = 1) {
    rest = Substring(text.replacing("\r\n", with: "\n"))
    line = firstLine
    while let character = rest.popFirst() { take(character) }
    end()
  }

  private mutating func take(_ character: Character) {
    switch character {
    case "\n":
      sign("\n")
      line += 1
      skipDocuments()
    case " ", "\t": end()
    case "#" where word == nil: rest = rest.drop { $0 != "\n" }
    case "\\":
      if let next = rest.popFirst() { if next == "\n" { line += 1 } else { add(next == "$" ? Mark.dollar : next) } }
    case "'": quoted(upTo: "'", expands: false)
    case "\"": quoted(upTo: "\"", expands: true)
    case "`": command(upTo: "`")
    case "$" where rest.first == "(":
      rest.removeFirst()
      command(upTo: ")")
    case "$" where rest.first == "'":
      rest.removeFirst()
      quoted(upTo: "'", expands: false)
    case ";", "(", ")": sign(String(character))
    case "&", "|":
      // `&&` and `||` end a command; whether the next one runs is not known.
      if rest.first == character {
        rest.removeFirst()
        sign(";")
      } else {
        sign(String(character))
      }
    case ">", "<": redirection(character)
    default: add(character)
    }
  }

  private mutating func add(_ character: Character) { word = (word ?? "") + String(character) }

  private mutating func end() {
    if let word { tokens.append((.word(word), line)) }
    word = nil
  }

  private mutating func sign(_ text: String) {
    end()
    tokens.append((.sign(text), line))
  }

  private mutating func redirection(_ character: Character) {
    // The number of a descriptor is no word: `2>`.
    if let number = word, number.allSatisfy(\.isNumber) { word = nil }
    end()
    var text = String(character)
    while let next = rest.first, next == character || next == "|" || next == "&" {
      text.append(next)
      rest.removeFirst()
    }
    guard text == "<<" else { return sign(text) }
    let isIndented = rest.first == "-"
    if isIndented { rest.removeFirst() }
    let name = rest.drop { $0 == " " }.prefix { !$0.isWhitespace && !";|&)".contains($0) }
    rest = rest[name.endIndex...]
    pending.append(name.filter { !"'\"\\".contains($0) })
  }

  private mutating func skipDocuments() {
    for name in pending {
      while !rest.isEmpty {
        let text = rest.prefix { $0 != "\n" }
        rest = rest[text.endIndex...].dropFirst()
        line += 1
        if text.drop(while: { $0 == "\t" }) == name[...] { break }
      }
    }
    pending = []
  }

  private mutating func quoted(upTo end: Character, expands: Bool) {
    word = word ?? ""
    while let character = rest.popFirst(), character != end {
      if character == "\n" { line += 1 }
      if expands, character == "\\", let next = rest.first, "$`\"\\\n".contains(next) {
        rest.removeFirst()
        if next == "\n" { line += 1 } else { add(next == "$" ? Mark.dollar : next) }
      } else if expands, character == "$", rest.first == "(" {
        rest.removeFirst()
        command(upTo: ")")
      } else if expands, character == "`" {
        command(upTo: "`")
      } else {
        add(!expands && character == "$" ? Mark.dollar : character)
      }
    }
  }

  /// `$(…)`: what it prints is not known. What it does is not looked at: a command that writes prints nothing to use.
  private mutating func command(upTo end: Character) {
    var depth = 1
    while depth > 0, let character = rest.popFirst() {
      if character == "\n" { line += 1 }
      if character == end { depth -= 1 } else if end == ")", character == "(" { depth += 1 }
    }
    add(Mark.unknown)
  }
}
