/// The place of a setting, so that the reader of a message can find it.
public struct SourceLine: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let file: String
  /// From 1 on; nil for the whole of a file that has no lines of its own, such as `/proc/cmdline`.
  public let line: Int?
  /// The line as it stands, or the word of it that matters.
  public let text: String

  public init(_ file: String, _ line: Int?, text: String) {
    self.file = file
    self.line = line
    self.text = text
  }

  /// As compilers say it: `/etc/default/grub:6: GRUB_CMDLINE_LINUX="…"`.
  public var description: String { "\(place): \(text)" }

  /// Without the text.
  public var place: String { line.map { "\(file):\($0)" } ?? file }

  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line ?? 0, left.text) < (right.file, right.line ?? 0, right.text)
  }
}
