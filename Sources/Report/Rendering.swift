import Operations

/// How output is wanted.
public struct Format: Sendable {
  public let isJSON: Bool
  public let style: Style
  /// Of the terminal; nil where there is none.
  public let columns: Int?

  public init(isJSON: Bool, style: Style, columns: Int? = nil) {
    self.isJSON = isJSON
    self.style = style
    self.columns = columns
  }
}

/// What a command prints, in order.
public struct Rendering {
  public enum Piece {
    /// For standard output, as it is.
    case json([UInt8])
    /// For standard output.
    case text(String)
    /// A line for standard error.
    case progress(String)
  }

  public private(set) var pieces: [Piece] = []

  public mutating func json(_ body: (inout JSONWriter) -> Void) { pieces.append(.json(JSONWriter.document(body))) }
  public mutating func text(_ text: String) { pieces.append(.text(text)) }
  mutating func progress(_ line: String) { pieces.append(.progress(line)) }
  mutating func progress(_ diagnostic: Diagnostic) { progress(String(diagnostic.text.dropLast())) }
}

extension Rendering {
  /// What ends a command before it has anything else to show. `ofChange`: a command that changes something, whose JSON
  /// always has the same keys.
  public init(_ diagnostic: Diagnostic, ofChange: Bool = false, as format: Format) {
    self.init()
    if let finding = diagnostic.refusal {
      if format.isJSON {
        json { json in
          if ofChange {
            write(diagnostic.summary, to: &json)
          } else {
            write(AssessedSet(refusedBy: finding), to: &json)
          }
        }
      } else {
        text(FindingsText(format: format).text([finding]))
        text("refused: \(finding.code)\n")
      }
      return
    }
    if format.isJSON {
      json { json in
        if ofChange { write(diagnostic.summary, to: &json) }
        diagnostic.write(to: &json)
      }
    }
    progress(diagnostic)
  }
}
