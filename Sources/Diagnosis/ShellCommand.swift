import Host

/// Commands to paste, made of file names and words that others chose.
enum ShellCommand {
  /// As it is where the shell takes every character of it for itself, else in single quotes.
  static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "/._-+:,@%=".utf8.contains(byte)
        }
      }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  /// One after the other, as long as they succeed.
  static func chain(_ commands: [String?]) -> String { commands.compactMap { $0 }.joined(separator: " && ") }

  /// Takes a word out of a line, with the blanks before it; what only ends or begins like it stays.
  static func removeWord(_ word: String, from source: SourceLine) -> String {
    let pattern = word.reduce(into: "") { text, character in
      if "\\.*[]^$/".contains(character) { text += "\\" }
      text.append(character)
    }
    // `\x27`: a single quote, which GNU sed knows by its number.
    let script = "\(source.line.map(String.init) ?? "")s/ *\\b\(pattern)\\([\"\\x27[:space:]]\\|$\\)/\\1/"
    return "sed -i \(quoted(script)) \(quoted(source.file))"
  }

  /// Makes a line a comment: what it said can be read on.
  static func commentOut(_ source: SourceLine) -> String {
    "sed -i \(quoted("\(source.line.map(String.init) ?? "1")s/^/#/")) \(quoted(source.file))"
  }

  static func remove(_ file: String) -> String { "rm \(quoted(file))" }
}
