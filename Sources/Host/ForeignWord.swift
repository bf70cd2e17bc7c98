/// A word that others chose, such as the name of a guest: it may hold blanks, quotes and `$(reboot)`.
///
/// It cannot be interpolated into a text as it is: that is deprecated, and warnings are errors. A command takes `quoted`,
/// a sentence `shown`.
public struct ForeignWord: Sendable, Hashable {
  /// As it is, for sentences alone: no shell reads them.
  public let shown: String

  public init(_ text: some StringProtocol) { shown = String(text) }

  /// As a word of a command that `sh` reads.
  public var quoted: String { ShellWord.quoted(shown) }
}

extension ForeignWord: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}

extension DefaultStringInterpolation {
  @available(*, deprecated, message: "A command takes its quoted form, a sentence what is shown.")
  public mutating func appendInterpolation(_ word: ForeignWord) { appendLiteral(word.quoted) }
}
