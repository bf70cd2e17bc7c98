import Host

/// Goes over the text byte by byte, so that every word knows its line.
struct ShellScanner {
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
    var word = Open()
    var quote: UInt8?
    while place < bytes.count {
      let byte = bytes[place]
      let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0a
      if quote == nil, isBlank || byte == UInt8(ascii: ";") { break }
      let start = place
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
        place += 1
        if bytes[place - 1] == 0x0a { line += 1 } else { append(bytes[place - 1], from: start, to: &word) }
      } else {
        append(byte, from: start, to: &word)
      }
    }
    close(&word, &words)
    return words
  }

  /// A word that goes on.
  private struct Open {
    var text: [UInt8] = []
    var start = 0
    /// Behind its last character: the quote that ends the value is not the word's.
    var end = 0
    var line = 0
  }

  private func append(_ byte: UInt8, from start: Int, to word: inout Open) {
    if word.text.isEmpty {
      word.start = start
      word.line = line
    }
    word.text.append(byte)
    word.end = place
  }

  private func close(_ word: inout Open, _ words: inout [ShellAssignment.Word]) {
    guard !word.text.isEmpty else { return }
    let spelling = bytes[word.start..<word.end]
    let text = lines.indices.contains(word.line) ? String(lines[word.line]) : ""
    words.append(
      ShellAssignment.Word(
        text: String(decoding: word.text, as: UTF8.self), spelling: String(decoding: spelling, as: UTF8.self),
        source: SourceLine(file, word.line + 1, text: text)))
    word = Open()
  }
}
