import Host

/// A part of a value, with the bytes of the file that it is spelled by.
struct ShellPiece: Equatable {
  indirect enum Content: Equatable {
    case byte(UInt8)
    case variable(String, Form)
    /// What a command prints, or a form that is not followed.
    case unknown
  }

  enum Form: Equatable {
    case plain
    /// `${NAME:-…}`, `${NAME:=…}`.
    case ifUnset([ShellPiece])
    /// `${NAME:+…}`.
    case ifSet([ShellPiece])
  }

  let content: Content
  /// From 1 on.
  let line: Int
  let range: Range<Int>
}

/// `NAME="value"` of a file that a shell reads, as `/etc/default/grub` is: no commands, and variables left as they are.
struct ShellAssignment: Equatable {
  struct Word: Equatable {
    let text: String
    /// As the file has it, escapes and all.
    let spelling: String
    let source: SourceLine
  }

  let name: String
  /// `NAME+=`.
  let isAppending: Bool
  let value: [ShellPiece]
  /// The value between blanks, quotes taken off; each with the line that it begins on.
  let words: [Word]

  static func read(_ text: String, file: String) -> [ShellAssignment] { ShellText(text, file: file).assignments }
}

/// A file that a shell reads.
struct ShellText {
  let file: String
  let assignments: [ShellAssignment]
  /// Every quote and every substitution is closed.
  let isComplete: Bool
  private let bytes: [UInt8]
  private let lines: [Substring]

  init(_ text: String, file: String) {
    self.file = file
    let bytes = Array(text.utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var scanner = ShellScanner(text)
    var found: [ShellAssignment] = []
    while let (name, isAppending, value) = scanner.next() {
      let parts = value.split { piece in
        if case .byte(let byte) = piece.content { [0x20, 0x09, 0x0a].contains(byte) } else { false }
      }
      let words = parts.map { part in
        let text = part.flatMap { piece in
          if case .byte(let byte) = piece.content { [byte] } else { Array(bytes[piece.range]) }
        }
        let line = part.first?.line ?? 1
        return ShellAssignment.Word(
          text: String(decoding: text, as: UTF8.self),
          spelling: String(
            decoding: bytes[(part.first?.range.lowerBound ?? 0)..<(part.last?.range.upperBound ?? 0)], as: UTF8.self),
          source: SourceLine(file, line, text: String(lines[line - 1])))
      }
      found.append(ShellAssignment(name: name, isAppending: isAppending, value: value, words: words))
    }
    assignments = found
    isComplete = scanner.isComplete
    self.bytes = bytes
    self.lines = lines
  }

  func source(line: Int) -> SourceLine { SourceLine(file, line, text: String(lines[line - 1])) }

  func spelling(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
