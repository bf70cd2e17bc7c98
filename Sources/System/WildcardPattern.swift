import Glibc

/// A pattern as `fnmatch(3)` takes it: `*`, `?`, `[a-z]`, `[[:digit:]]`, `\*`. The programs whose files have such patterns
/// ask the same function.
public struct WildcardPattern: Sendable, Hashable {
  public let text: String

  public init(_ text: String) { self.text = text }

  /// The one text that is meant; nil if it is a pattern (`glob(7)`: it has `*`, `?` or `[` with no backslash before).
  public var literal: String? {
    var found = ""
    var isEscaped = false
    for character in text {
      if !isEscaped, character == "\\" {
        isEscaped = true
      } else if !isEscaped, "*?[".contains(character) {
        return nil
      } else {
        found.append(character)
        isEscaped = false
      }
    }
    return isEscaped ? nil : found
  }

  /// Byte by byte: the program keeps to the C locale. A NUL ends the text for C, so that nothing fits.
  public func matches(_ name: String) -> Bool {
    if text.utf8.contains(0) || name.utf8.contains(0) { return false }
    return fnmatch(text, name, 0) == 0
  }
}
