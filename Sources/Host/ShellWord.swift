/// A word of a command that a person pastes, or that `sh` runs: file names and words that others chose.
public enum ShellWord {
  /// Unchanged if no character of it has a meaning for the shell, else in single quotes; by `printf` if a terminal would
  /// act on it, or not show it as it is.
  public static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/_-.:,+=@%".utf8.contains(byte)
      }
    }
    if isPlain && !text.isEmpty { return text }
    if text.unicodeScalars.contains(where: \.isHarmful) { return printed(text) }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// `"$(printf 'a\033b')"`: printf(1) of POSIX knows octal numbers, which survive a paste.
  private static func printed(_ text: String) -> String {
    // The shell takes line ends off the end of what a command prints.
    let end = text.unicodeScalars.reversed().prefix { $0 == "\n" }.count
    var format = ""
    for (place, scalar) in text.unicodeScalars.dropLast(end).enumerated() {
      // A hyphen in front would begin an option.
      if scalar.isHarmful || "'\\%".unicodeScalars.contains(scalar) || (place == 0 && scalar == "-") {
        format += String(scalar).utf8.map(octal).joined()
      } else {
        format.unicodeScalars.append(scalar)
      }
    }
    return "\"$(printf '\(format)')\"" + (end > 0 ? "'\(String(repeating: "\n", count: end))'" : "")
  }

  /// Three digits, so that none that follows is taken for one of them.
  private static func octal(_ byte: UInt8) -> String { "\\\(byte >> 6)\(byte >> 3 & 7)\(byte & 7)" }
}
