/// Patterns of the shell, as `fnmatch(3)` takes them: `*`, `?`, `[a-z]`.
enum Glob {
  static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern.utf8)[...], Array(text.utf8)[...])
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    // Where to go on when what follows the last star does not fit.
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while !text.isEmpty || !pattern.isEmpty {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, text)
        continue
      }
      if let byte = text.first, let rest = one(pattern, byte) {
        pattern = rest
        text = text.dropFirst()
        continue
      }
      guard let again = retry, !again.text.isEmpty else { return false }
      pattern = again.pattern
      text = again.text.dropFirst()
      retry = (pattern, text)
    }
    return true
  }

  /// What is left of the pattern after one byte; nil where that byte does not fit.
  private static func one(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
    guard let first = pattern.first else { return nil }
    if first == UInt8(ascii: "?") { return pattern.dropFirst() }
    guard first == UInt8(ascii: "["), let end = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")) else {
      return first == byte ? pattern.dropFirst() : nil
    }
    var inside = Array(pattern[(pattern.startIndex + 1)..<end])
    let isInverted = inside.first == UInt8(ascii: "!") || inside.first == UInt8(ascii: "^")
    if isInverted { inside.removeFirst() }
    var fits = false
    var place = 0
    while place < inside.count {
      if place + 2 < inside.count, inside[place + 1] == UInt8(ascii: "-") {
        fits = fits || inside[place] <= byte && byte <= inside[place + 2]
        place += 3
      } else {
        fits = fits || inside[place] == byte
        place += 1
      }
    }
    return fits != isInverted ? pattern[(end + 1)...] : nil
  }
}
