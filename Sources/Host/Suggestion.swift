/// The candidate that `text` most likely means, if one is near: a slip or two of the keyboard away. The first of several.
public func suggestion(for text: String, among candidates: some Sequence<String>) -> String? {
  let wanted = folded(text)
  let limit = slips(in: wanted.count)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates {
    let other = folded(candidate)
    guard abs(other.count - wanted.count) <= limit else { continue }
    let distance = distance(other, wanted)
    // A word of which no letter is left is another word.
    if distance <= limit, distance < max(other.count, wanted.count), distance < best?.distance ?? .max {
      best = (distance, candidate)
    }
  }
  return best?.candidate
}

/// How many slips a word of this length may have and still be meant.
private func slips(in length: Int) -> Int {
  switch length {
  case ..<7: 1
  case ..<12: 2
  default: 3
  }
}

/// Case, and a hyphen in place of an underscore, do not count as slips.
private func folded(_ text: String) -> [UInt8] {
  text.utf8.map { byte in
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    case UInt8(ascii: "_"): UInt8(ascii: "-")
    default: byte
    }
  }
}

/// Letters that were changed, left out, put in, or exchanged with their neighbour (optimal string alignment).
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    for column in right.indices {
      var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
