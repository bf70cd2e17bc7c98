import Host

/// `NAME="value"` of a file that a shell reads, as `/etc/default/grub` is: no commands, and variables left as they are.
struct ShellAssignment: Equatable {
  struct Word: Equatable {
    let text: String
    let source: SourceLine
  }

  let name: String
  /// `NAME+=`.
  let isAppending: Bool
  /// The value between blanks, quotes taken off; each with the line that it begins on.
  let words: [Word]

  /// The value takes up the variable's own, as in `X="$X more"`.
  func refers(to name: String) -> Bool {
    words.contains { word in
      word.text.contains("${\(name)}")
        || word.text.split(separator: "$", omittingEmptySubsequences: false).dropFirst()
          .contains { $0.prefix { $0.isLetter || $0.isNumber || $0 == "_" } == name }
    }
  }

  static func read(_ text: String, file: String) -> [ShellAssignment] {
    var scanner = ShellScanner(text, file: file)
    var found: [ShellAssignment] = []
    while let assignment = scanner.next() { found.append(assignment) }
    return found
  }
}

/// Goes over the text byte by byte, so that every word knows its line.
private struct ShellScanner {
  private let bytes: [UInt8]
  private let lines: [Substring]
  private let file: String
  private var place = 0
  private var line = 0

  init(_ text: String, file: String) {
    bytes = Array(text.utf8)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.file = file
  }

  /// The next assignment that begins a line, be it behind `export`.
  mutating func next() -> ShellAssignment? {
    while place < bytes.count {
      skip { $0 == 0x20 || $0 == 0x09 }
      var name = self.name()
      if name == "export" {
        skip { $0 == 0x20 || $0 == 0x09 }
        name = self.name()
      }
      let isAppending = place + 1 < bytes.count && bytes[place] == UInt8(ascii: "+")
      if isAppending { place += 1 }
      guard !name.isEmpty, place < bytes.count, bytes[place] == UInt8(ascii: "=") else {
        endLine()
        continue
      }
      place += 1
      let words = value()
      endLine()
      return ShellAssignment(name: name, isAppending: isAppending, words: words)
    }
    return nil
  }

  private mutating func skip(_ isBlank: (UInt8) -> Bool) {
    while place < bytes.count, isBlank(bytes[place]) { place += 1 }
  }

  /// Letters, digits and `_`; empty if a digit comes first.
  private mutating func name() -> String {
    let start = place
    skip { byte in
      byte == UInt8(ascii: "_") || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || (0x30...0x39).contains(byte)
    }
    let name = String(decoding: bytes[start..<place], as: UTF8.self)
    return name.first?.isNumber == true ? "" : name
  }

  private mutating func endLine() {
    while place < bytes.count {
      place += 1
      if bytes[place - 1] == 0x0a {
        line += 1
        return
      }
    }
  }

  /// Up to the blank, `;` or end of line that is in no quotes.
  private mutating func value() -> [ShellAssignment.Word] {
    var words: [ShellAssignment.Word] = []
    var word: [UInt8] = []
    var start = line
    func close(_ word: inout [UInt8], _ words: inout [ShellAssignment.Word]) {
      guard !word.isEmpty else { return }
      words.append(
        ShellAssignment.Word(text: String(decoding: word, as: UTF8.self), source: source(start)))
      word = []
    }
    var quote: UInt8?
    while place < bytes.count {
      let byte = bytes[place]
      let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0a
      if quote == nil, isBlank || byte == UInt8(ascii: ";") { break }
      place += 1
      if byte == 0x0a { line += 1 }
      if isBlank {
        close(&word, &words)
      } else if byte == quote {
        quote = nil
      } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'"), place < bytes.count {
        // Before the end of a line: the line goes on.
        if bytes[place] == 0x0a { line += 1 } else { append(bytes[place], to: &word, start: &start) }
        place += 1
      } else {
        append(byte, to: &word, start: &start)
      }
    }
    close(&word, &words)
    return words
  }

  private func source(_ line: Int) -> SourceLine {
    SourceLine(file, line + 1, text: lines.indices.contains(line) ? String(lines[line]) : "")
  }

  private func append(_ byte: UInt8, to word: inout [UInt8], start: inout Int) {
    if word.isEmpty { start = line }
    word.append(byte)
  }
}
