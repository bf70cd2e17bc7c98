import Checks
import Host

/// Colour, or none; marks, or words where the locale has no marks.
public struct Style: Sendable {
  private let isColoured: Bool
  private let isUnicode: Bool

  public init(isColoured: Bool, isUnicode: Bool = false) {
    self.isColoured = isColoured
    self.isUnicode = isUnicode
  }

  public func bold(_ text: String) -> String { paint(text, "1") }
  public func faint(_ text: String) -> String { paint(text, "2") }
  public func good(_ text: String) -> String { paint(text, "32") }

  /// Before what is done, or well.
  public var done: String { mark(.ok) }

  /// Before what to do next.
  public var arrow: String { isUnicode ? "→" : "->" }

  public func mark(_ severity: Finding.Severity) -> String {
    let mark = plainMark(severity)
    return switch severity {
    case .error: paint(mark, "1;31")
    case .warning: paint(mark, "1;33")
    case .unknown: bold(mark)
    case .info: paint(mark, "36")
    case .ok: good(mark)
    }
  }

  func plainMark(_ severity: Finding.Severity) -> String {
    guard isUnicode else { return severity.rawValue }
    return switch severity {
    case .error: "✗"
    case .warning: "!"
    case .unknown: "?"
    case .info: "·"
    case .ok: "✓"
    }
  }

  /// If the locale is not UTF-8, our own special characters become ASCII. A name stays as it is.
  public func encoded(_ text: String) -> String {
    if isUnicode || text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    return text.reduce(into: "") { result, character in
      switch character {
      case "→": result += "->"
      case "…": result += "..."
      case "–": result += "-"
      case "·": result += ","
      case "✓": result += "ok"
      case "✗": result += "error"
      default: result.append(character)
      }
    }
  }

  /// All that we ever send; another one, such as that which hides text, is not ours.
  static let codes: Set<String> = ["0", "1", "2", "32", "36", "1;31", "1;33"]

  private func paint(_ text: String, _ code: String) -> String { isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}

/// Text from a device, a file name or a process, made harmless for a terminal.
public func printable(_ text: String) -> String {
  if !text.unicodeScalars.contains(where: \.isHarmful) { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isHarmful ? "\u{fffd}" : $0 }))
}

/// Whole output, with its line ends, tabs and our own colours, and nothing else that a terminal acts on: the last guard
/// behind `printable`.
public func terminalText(_ text: String) -> String {
  // All but a few outputs are plain: bytes are looked at faster than characters.
  if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a || $0 == 0x09 }) { return text }
  var safe = String.UnicodeScalarView()
  var rest = text.unicodeScalars[...]
  while let scalar = rest.first {
    rest = rest.dropFirst()
    if scalar == "\n" || scalar == "\t" || !scalar.isHarmful {
      safe.append(scalar)
    } else if scalar == "\u{1b}", rest.first == "[",
      let end = rest.dropFirst().firstIndex(where: { !("0"..."9").contains($0) && $0 != ";" }),
      rest[end] == "m", Style.codes.contains(String(rest[rest.index(after: rest.startIndex)..<end]))
    {
      safe.append(scalar)
      safe.append(contentsOf: rest[...end])
      rest = rest[rest.index(after: end)...]
    } else {
      safe.append("\u{fffd}")
    }
  }
  return String(safe)
}
