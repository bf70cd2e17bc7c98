/// A kernel's release, in the order in which kernels were released: numbers by their value, the rest by its letters.
public struct KernelRelease: Comparable, Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  public static func < (left: Self, right: Self) -> Bool {
    let (mine, theirs) = (left.parts, right.parts)
    for (one, other) in zip(mine, theirs) where one != other {
      guard let number = Int(one), let second = Int(other) else { return one < other }
      if number != second { return number < second }
    }
    return mine.count < theirs.count
  }

  /// `6`, `.`, `12`, `.`, `1`, `-amd`, `64`.
  private var parts: [Substring] {
    var parts: [Substring] = []
    var rest = text[...]
    while let first = rest.first {
      let isNumber = first.isASCII && first.isNumber
      let part = rest.prefix { ($0.isASCII && $0.isNumber) == isNumber }
      parts.append(part)
      rest = rest.dropFirst(part.count)
    }
    return parts
  }
}
