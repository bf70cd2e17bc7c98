import Host
import Settings

/// An edit that takes a word out of a file, tried on the file's text before it is printed.
struct WordRemoval {
  let command: String
  /// The file afterwards.
  let text: String

  /// Nil if neither form of the edit takes out just that word.
  init?(of argument: BootArgument, from boot: BootConfiguration) {
    let file = argument.source.file
    guard let number = argument.source.line, let text = boot.texts[file] else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.indices.contains(number - 1) else { return nil }
    let before = boot.words(of: file, reading: text)
    var expected = before.arguments
    guard let place = expected.lastIndex(of: argument) else { return nil }
    expected.remove(at: place)
    let line = lines[number - 1]
    for edit in [Self.word(argument.word, line), Self.literal(argument.spelling, line)].compactMap({ $0 }) {
      lines[number - 1] = edit.line
      let after = lines.joined(separator: "\n")
      // All others stay as they were.
      let words = boot.words(of: file, reading: after)
      if words.arguments.map(\.word) == expected.map(\.word), words.differsOnlyInWords(from: before) {
        command = "sed -i \(ShellWord.quoted("\(number)\(edit.script)")) \(ShellWord.quoted(file))"
        self.text = after
        return
      }
    }
    return nil
  }

  private typealias Edit = (script: String, line: String)

  /// The word with the blanks before it, up to a blank, a quote or the end.
  private static func word(_ word: String, _ line: String) -> Edit? {
    guard let first = word.first, isWordCharacter(first) else { return nil }
    for range in line.ranges(of: word) {
      let before = line[..<range.lowerBound]
      let next = line[range.upperBound...].first
      guard before.last.map({ !isWordCharacter($0) }) ?? true, next.map({ "\"' \t".contains($0) }) ?? true else {
        continue
      }
      // `\x27`: a single quote, which GNU sed knows by its number.
      let script = "s/ *\\b\(escaped(word))\\([\"\\x27[:space:]]\\|$\\)/\\1/"
      let kept = before.reversed().drop { $0 == " " }.reversed()
      return (script, String(kept) + line[range.upperBound...])
    }
    return nil
  }

  /// What the file has for it, escapes and all, with one blank.
  private static func literal(_ spelling: String, _ line: String) -> Edit? {
    if spelling.isEmpty || spelling.contains("\n") { return nil }
    for text in [" \(spelling)", "\(spelling) ", spelling] {
      guard let range = line.firstRange(of: text) else { continue }
      return ("s/\(escaped(text))//", line.replacingCharacters(range))
    }
    return nil
  }

  private static func isWordCharacter(_ character: Character) -> Bool {
    character == "_" || character.isASCII && (character.isLetter || character.isNumber)
  }

  /// As a basic regular expression between slashes.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { text, character in
      if "\\.*[]^$/".contains(character) { text += "\\" }
      text.append(character)
    }
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<Index>) -> String {
    String(self[..<range.lowerBound] + self[range.upperBound...])
  }
}
