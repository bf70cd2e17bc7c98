/// What is wrong with a file, and where.
public struct XMLError: Error, Equatable, Sendable, CustomStringConvertible {
  /// As the user named it; `-` is standard input.
  public let file: String
  /// From 1.
  public let line: Int
  /// In bytes, from 1.
  public let column: Int
  public let reason: String

  /// As compilers say it: `vm.xml:3:17: mismatched tag`.
  public var description: String { "\(file):\(line):\(column): \(reason)" }
}
