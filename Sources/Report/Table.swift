/// Rows of text in columns, each as wide as its widest cell; the last one runs free.
public struct Table: Sendable {
  private var rows: [[String]]
  private let hasHeader: Bool

  public init(header: [String]? = nil) {
    rows = header.map { [$0] } ?? []
    hasHeader = header != nil
  }

  /// No row but the header.
  public var isEmpty: Bool { rows.count == (hasHeader ? 1 : 0) }

  public mutating func row(_ cells: [String]) { rows.append(cells) }

  /// `columns`: what a terminal has; rows that would be wider give up some of the cell at `elastic`, whose last word stays.
  public func text(_ style: Style, columns: Int? = nil, elastic: Int = 0) -> String {
    var rows = rows
    var widths = Self.widths(rows)
    let total = widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
    if let columns, total > columns, widths.indices.contains(elastic) {
      let room = max(widths[elastic] - (total - columns), Self.least)
      for place in rows.indices where rows[place].indices.contains(elastic) {
        rows[place][elastic] = shortened(rows[place][elastic], to: room)
      }
      widths = Self.widths(rows)
    }
    var out = ""
    for (number, row) in rows.enumerated() {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - displayWidth(cell) + 2) }
      }
      while line.last == " " { line.removeLast() }
      out += (number == 0 && hasHeader ? style.bold(line) : line) + "\n"
    }
    return out
  }
}

extension Table {
  /// An elastic cell keeps this much: less says nothing.
  private static let least = 24

  private static func widths(_ rows: [[String]]) -> [Int] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        let width = displayWidth(cell)
        if column < widths.count { widths[column] = max(widths[column], width) } else { widths.append(width) }
      }
    }
    return widths
  }
}

/// The beginning of a text and its last word, which of a name is its ids, with `…` between, in at most `width` columns.
func shortened(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  let tail = text.split(separator: " ").last.map { "… \($0)" } ?? "…"
  var head = ""
  for character in text {
    if displayWidth(head) + displayWidth(String(character)) + displayWidth(tail) > width { break }
    head.append(character)
  }
  while head.last == " " { head.removeLast() }
  return head + tail
}

/// Columns that a text takes in a terminal: wide characters of East Asia take two, marks that combine none.
func displayWidth(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { width, scalar in
    if scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .format {
      return width
    }
    let isWide =
      (0x1100...0x115f).contains(scalar.value) || (0x2e80...0xa4cf).contains(scalar.value)
      || (0xac00...0xd7a3).contains(scalar.value) || (0xf900...0xfaff).contains(scalar.value)
      || (0xfe30...0xfe6f).contains(scalar.value) || (0xff00...0xff60).contains(scalar.value)
      || (0x1f300...0x1faff).contains(scalar.value) || (0x20000...0x3fffd).contains(scalar.value)
    return width + (isWide ? 2 : 1)
  }
}
