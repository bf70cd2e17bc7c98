import Host
import Settings

/// Commands to paste, made of file names and words that others chose.
enum ShellCommand {
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
    return "sed -i \(ShellWord.quoted(script)) \(ShellWord.quoted(source.file))"
  }

  /// Makes a line a comment: what it said can be read on.
  static func commentOut(_ source: SourceLine) -> String {
    "sed -i \(ShellWord.quoted("\(source.line.map(String.init) ?? "1")s/^/#/")) \(ShellWord.quoted(source.file))"
  }

  static func remove(_ file: String) -> String { "rm \(ShellWord.quoted(file))" }
}
