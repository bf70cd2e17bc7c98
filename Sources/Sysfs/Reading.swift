import PCI
import System

extension Sysfs {
  /// A file's text without the white space at its end. Absent if there is no such file: only a rule that knows the
  /// rest of the folder can tell whether that is an answer.
  public func fact(_ path: String) -> Fact<String> {
    do { return .known(try text(path)) } catch {
      return error.errno == .noEntry || error.errno == .notDirectory ? .absent : .unknown
    }
  }

  /// The lines of a file that have anything on them; none if it could not be read.
  public func lines(_ path: String) -> [Substring] { textLines(fact(path).value ?? "") }

  /// Names in a directory; none if it could not be read.
  public func names(in path: String) -> [String] { (try? entries(path)) ?? [] }
}

/// The lines of a text that have anything on them.
public func textLines(_ text: String) -> [Substring] {
  text.split { (character: Character) in character.isNewline }
}

/// The words of a line between blanks and tabs.
public func words(_ line: some StringProtocol) -> [String] {
  line.split { (character: Character) in character == " " || character == "\t" }.map { String($0) }
}

extension Int {
  /// The number in an attribute's bytes, but for the white space at its end.
  public init?(trimmed bytes: [UInt8]) { self.init(trimmedText(bytes)) }
}

/// Undoes the octal escapes (`\040`) with which the kernel and `fstab(5)` write blanks in paths.
public func unescaped(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), rest.count >= 3,
      let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

public func lastName(_ target: String) -> String {
  guard let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) else { return target }
  return String(target[target.utf8.index(after: slash)...])
}
