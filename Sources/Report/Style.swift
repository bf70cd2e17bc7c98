import Assessment

/// Colour, or none.
public struct Style: Sendable {
  private let isColoured: Bool

  public init(isColoured: Bool) { self.isColoured = isColoured }

  public func bold(_ text: String) -> String { paint(text, "1") }
  public func faint(_ text: String) -> String { paint(text, "2") }
  public func good(_ text: String) -> String { paint(text, "32") }

  public func severity(_ severity: Finding.Severity) -> String {
    switch severity {
    case .error: paint("error", "1;31")
    case .warning: paint("warning", "1;33")
    case .info: paint("info", "36")
    }
  }

  private func paint(_ text: String, _ code: String) -> String { isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}

/// Text from a device, a file name or a process, made harmless for a terminal.
public func printable(_ text: String) -> String {
  if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && !(0x80...0x9f).contains($0.value) }) { return text }
  return String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f || (0x80...0x9f).contains($0.value) ? "\u{fffd}" : $0 }))
}
