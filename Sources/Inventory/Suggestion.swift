/// The candidate that looks most like `text`: by the edits between the two (Levenshtein); the first of several.
public func suggestion(for text: String, among candidates: [String]) -> String? {
  candidates.min { distance($0, text) < distance($1, text) }
}

private func distance(_ one: String, _ other: String) -> Int {
  let right = Array(other.utf8)
  var row = Array(0...right.count)
  for (place, byte) in one.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = place + 1
    for column in right.indices {
      let cost = min(row[column] + 1, row[column + 1] + 1, diagonal + (byte == right[column] ? 0 : 1))
      diagonal = row[column + 1]
      row[column + 1] = cost
    }
  }
  return row[right.count]
}
