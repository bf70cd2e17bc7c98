import Sysfs

/// The commands of a shell script with what is known of its variables, as far as that can be read without a run.
struct ShellScript {
  struct Command: Equatable {
    /// Without redirections and assignments.
    var words: [String]
    /// Files that its output goes to.
    var outputs: [String] = []
    var line: Int
  }

  private(set) var commands: [Command] = []
  /// All values that a variable may have, as far as they are known.
  private var variables: [String: [String]]
  /// Within `if`, a loop or `case`: what is assigned there may not be.
  private var depth = 0

  /// `arguments`: `$1` and so on. `variables`: of the environment.
  init(_ text: String, firstLine: Int = 1, arguments: [String] = [], variables: [String: String] = [:]) {
    self.variables = variables.mapValues { [$0] }
    for (place, argument) in arguments.enumerated() { self.variables["\(place + 1)"] = [argument] }
    for all in ["@", "*"] where !arguments.isEmpty { self.variables[all] = arguments }
    read(ShellTokens(text, firstLine: firstLine))
  }

  private mutating func read(_ script: ShellTokens) {
    var pipeline: [Command] = []
    var command = Command(words: [], line: 1)
    var array: String?
    /// The next word is a file, of the output or not.
    var redirects: Bool?
    for (token, line) in script.tokens {
      switch token {
      case .word(let word):
        if let isOutput = redirects {
          if isOutput { command.outputs.append(word) }
          redirects = nil
        } else if let name = array {
          variables[name, default: []] += fields(word)
        } else {
          if command.words.isEmpty { command.line = line }
          command.words.append(word)
        }
      case .sign(let sign) where sign.hasPrefix(">"): redirects = !sign.hasSuffix("&")
      case .sign(let sign) where sign.hasPrefix("<"): redirects = false
      case .sign(let sign):
        // `names=(a b)` of bash.
        if sign == "(", let last = command.words.last, last.hasSuffix("="), let (name, _) = Self.assignment(last) {
          array = name
          variables[name] = []
          command.words.removeLast()
          continue
        }
        if sign == "\n", array != nil { continue }
        array = nil
        pipeline.append(command)
        command = Command(words: [], line: line)
        redirects = nil
        if sign != "|" {
          run(pipeline)
          pipeline = []
        }
      }
    }
    run(pipeline + [command])
  }

  /// `echo x | tee FILE` writes as `echo x > FILE` does; of any other pipe each command counts for itself.
  private mutating func run(_ pipeline: [Command]) {
    if pipeline.count > 1, var first = pipeline.first, let last = pipeline.last,
      first.words.contains(where: { ["echo", "printf"].contains(lastName($0)) }),
      let place = last.words.firstIndex(where: { ["tee", "dd"].contains(lastName($0)) })
    {
      let files = last.words[(place + 1)...].filter { !$0.hasPrefix("-") && ($0.hasPrefix("of=") || !$0.contains("=")) }
      first.outputs += last.outputs + files.map { $0.hasPrefix("of=") ? String($0.dropFirst(3)) : $0 }
      return run(first)
    }
    for command in pipeline { run(command) }
  }

  private static let beginnings: Set = ["if", "while", "until", "case"]
  private static let ends: Set = ["fi", "done", "esac"]
  private static let reserved =
    beginnings.union(ends).union(["then", "else", "elif", "do", "!", "{", "}", "time", "sudo", "exec", "nohup", "env"])
  private static let declarations: Set = ["export", "local", "readonly", "declare", "typeset"]

  private mutating func run(_ command: Command) {
    var words = command.words[...]
    while let word = words.first, Self.reserved.contains(word) {
      if Self.ends.contains(word) { depth -= 1 }
      if Self.beginnings.contains(word) { depth += 1 }
      words = words.dropFirst()
    }
    if words.first == "for", words.count > 1 {
      depth += 1
      let list = words.dropFirst(2)
      variables[words[words.startIndex + 1]] = list.first == "in" ? list.dropFirst().flatMap(fields) : variables["@"]
      return
    }
    if let word = words.first, Self.declarations.contains(word) { words = words.dropFirst().drop { $0.hasPrefix("-") } }
    while let word = words.first, let (name, value) = Self.assignment(word) {
      let values = values(of: value)
      variables[name] = depth > 0 ? (variables[name] ?? []) + values : values
      words = words.dropFirst()
    }
    if words.isEmpty, command.outputs.isEmpty { return }
    // The same variable has the same value in all words of one turn.
    for turn in 0..<turns(words + command.outputs) {
      commands.append(
        Command(
          words: words.map { expanded($0, turn) }, outputs: command.outputs.map { expanded($0, turn) },
          line: command.line))
    }
  }

  /// `NAME=value`.
  static func assignment(_ word: String) -> (name: String, value: String)? {
    guard let sign = word.firstIndex(of: "="), sign != word.startIndex else { return nil }
    let name = word[..<sign]
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }), name.first?.isNumber == false
    else { return nil }
    return (String(name), String(word[word.index(after: sign)...]))
  }

  // MARK: Variables

  private func turns(_ words: [String]) -> Int {
    min(max(words.flatMap(Self.names).map { variables[$0]?.count ?? 1 }.max() ?? 1, 1), 256)
  }

  private func values(of word: String) -> [String] { (0..<turns([word])).map { expanded(word, $0) } }

  /// The words that the shell splits it into.
  private func fields(_ word: String) -> [String] {
    values(of: word).flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
  }

  private static func names(_ word: String) -> [String] {
    pieces(word).compactMap { if case .variable(let name, _) = $0 { name } else { nil } }
  }

  private func expanded(_ word: String, _ turn: Int) -> String {
    var text = ""
    for piece in Self.pieces(word) {
      switch piece {
      case .text(let part): text += part
      case .variable(let name, let rest):
        let values = variables[name] ?? []
        if rest.hasPrefix(":-") || rest.hasPrefix("-"), values.isEmpty {
          text += rest.drop { $0 == ":" }.dropFirst()
        } else if rest.isEmpty || rest.hasPrefix(":-") || rest.hasPrefix("-") || rest == "[@]" || rest == "[*]",
          !values.isEmpty
        {
          text += values[turn % values.count]
        } else {
          text.append(ShellTokens.Mark.unknown)
        }
      }
    }
    return String(text.map { $0 == ShellTokens.Mark.dollar ? "$" : $0 })
  }

  private enum Piece {
    case text(String)
    /// Its name, and what follows that in braces.
    case variable(String, String)
  }

  private static func pieces(_ word: String) -> [Piece] {
    var found: [Piece] = []
    var rest = Substring(word)
    while let sign = rest.firstIndex(of: "$") {
      found.append(.text(String(rest[..<sign])))
      rest = rest[rest.index(after: sign)...]
      let isName: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      if rest.first == "{" {
        let inner = rest.dropFirst().prefix { $0 != "}" }
        rest = rest[inner.endIndex...].dropFirst()
        let name = inner.prefix { isName($0) || $0 == "@" }
        found.append(.variable(String(name), String(inner[name.endIndex...])))
      } else if let first = rest.first, first == "@" || first == "*" || first.isNumber {
        found.append(.variable(String(first), ""))
        rest = rest.dropFirst()
      } else {
        let name = rest.prefix(while: isName)
        found.append(name.isEmpty ? .text("$") : .variable(String(name), ""))
        rest = rest[name.endIndex...]
      }
    }
    return found + [.text(String(rest))]
  }
}
