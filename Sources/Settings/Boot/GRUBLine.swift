/// A line of grub.cfg in words, as GRUB's own script language splits it.
struct GRUBLine {
  struct Word {
    /// Without the quotes; nil for what is not known.
    var bytes: [UInt8?] = []
    /// Of the line: the quotes belong to it.
    var range: Range<Int>
  }

  private(set) var words: [Word] = []
  /// Every quote is closed.
  let isComplete: Bool

  /// `variable`: the value of `$NAME`, in whose text an unquoted blank ends a word.
  static func words(_ line: some StringProtocol, variable: (String) -> String) -> [String] {
    GRUBLine(Array(line.utf8)) { Array(variable($0).utf8) }.words.map {
      String(decoding: $0.bytes.compactMap { $0 }, as: UTF8.self)
    }
  }

  init(_ line: [UInt8?], variable: (String) -> [UInt8?]) {
    var found: [Word] = []
    var word: Word?
    var quote: UInt8?
    var place = 0
    func end() {
      if let whole = word { found.append(whole) }
      word = nil
    }
    func take(_ bytes: [UInt8?], from start: Int) {
      word = Word(bytes: (word?.bytes ?? []) + bytes, range: (word?.range.lowerBound ?? start)..<place)
    }
    while place < line.count {
      let start = place
      let byte = line[place]
      place += 1
      if byte != nil, byte == quote {
        quote = nil
        take([], from: start)
      } else if quote == nil, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
        take([], from: start)
      } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'"), place < line.count {
        let next = line[place]
        place += 1
        let isPlain = quote != nil && !(next.map { "\"$\\".utf8.contains($0) } ?? false)
        take((isPlain ? [byte] : []) + [next], from: start)
      } else if byte == UInt8(ascii: "$"), quote != UInt8(ascii: "'"), let name = Self.name(line, &place) {
        for piece in variable(name) {
          if quote == nil, piece == 0x20 || piece == 0x09 { end() } else { take([piece], from: start) }
        }
      } else if quote == nil, let byte, " \t\n;".utf8.contains(byte) {
        end()
      } else if quote == nil, word == nil, byte == UInt8(ascii: "#") {
        break
      } else {
        take([byte], from: start)
      }
    }
    end()
    words = found
    isComplete = quote == nil
  }

  /// `NAME` or `{NAME}`, which it passes over; nil if there is none.
  private static func name(_ line: [UInt8?], _ place: inout Int) -> String? {
    let isBraced = place < line.count && line[place] == UInt8(ascii: "{")
    let start = place + (isBraced ? 1 : 0)
    let bytes = line[min(start, line.count)...].prefix { byte in
      byte.map { $0 == UInt8(ascii: "_") || Character(Unicode.Scalar($0)).isLetter || (0x30...0x39).contains($0) }
        ?? false
    }
    let after = start + bytes.count
    if bytes.isEmpty || isBraced && (after >= line.count || line[after] != UInt8(ascii: "}")) { return nil }
    place = after + (isBraced ? 1 : 0)
    return String(decoding: bytes.compactMap { $0 }, as: UTF8.self)
  }

  /// As GRUB hands a word on to the kernel (`grub_create_loader_cmdline`): with quotes around blanks, and a backslash
  /// before every quote that is left, which the kernel takes for a part of the value.
  static func handedOn(_ word: String) -> String {
    let escaped = word.reduce(into: "") { $0 += "\\'\"".contains($1) ? "\\\($1)" : String($1) }
    return word.contains(" ") ? "\"\(escaped)\"" : escaped
  }
}
