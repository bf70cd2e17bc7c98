/// The variables that a shell has after it read files, each byte with the places that it comes from.
struct ShellVariables {
  struct Byte {
    /// Nil stands for any number of bytes that are not known.
    let value: UInt8?
    /// Where it is written, then where each variable is named that handed it on.
    let places: [Place]
  }

  struct Place {
    /// Of all that were read.
    let assignment: Int
    let text: Int
    let line: Int
    let range: Range<Int>
  }

  private var values: [String: [Byte]] = [:]

  init(_ texts: [ShellText]) {
    var count = 0
    for (number, text) in texts.enumerated() {
      for assignment in text.assignments {
        let before = assignment.isAppending ? values[assignment.name, default: []] : []
        values[assignment.name] =
          before + bytes(assignment.value, own: assignment.name) { Place(assignment: count, text: number, at: $0) }
        count += 1
      }
    }
  }

  subscript(name: String) -> [Byte] { values[name, default: []] }

  private func bytes(_ pieces: [ShellPiece], own: String, at place: (ShellPiece) -> Place) -> [Byte] {
    pieces.flatMap { piece -> [Byte] in
      let unknown = [Byte(value: nil, places: [place(piece)])]
      switch piece.content {
      case .byte(let byte): return [Byte(value: byte, places: [place(piece)])]
      case .unknown: return unknown
      case .variable(let name, let form):
        let value = values[name].map { set in set.map { Byte(value: $0.value, places: $0.places + [place(piece)]) } }
        switch form {
        // What no file sets may be set by the program that reads them.
        case .plain: return value ?? (name == own ? [] : unknown)
        case .ifUnset(let other): return value?.isEmpty == false ? value ?? [] : bytes(other, own: own, at: place)
        case .ifSet(let other): return value?.isEmpty == false ? bytes(other, own: own, at: place) : []
        }
      }
    }
  }
}

extension ShellVariables.Place {
  fileprivate init(assignment: Int, text: Int, at piece: ShellPiece) {
    self.init(assignment: assignment, text: text, line: piece.line, range: piece.range)
  }
}

extension [ShellVariables.Byte] {
  /// The part of one assignment that all of them are written in, as far inside as there is one.
  var place: ShellVariables.Place? {
    for place in first?.places ?? [] {
      let all = compactMap { byte in byte.places.first { $0.assignment == place.assignment } }
      guard all.count == count, let start = all.map(\.range.lowerBound).min(),
        let end = all.map(\.range.upperBound).max()
      else { continue }
      return ShellVariables.Place(
        assignment: place.assignment, text: place.text, line: place.line, range: start..<end)
    }
    return nil
  }
}
