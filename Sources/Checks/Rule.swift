/// One rule: what it looks at, and what it finds. Pure, so that `check`, `bind` and `doctor` cannot disagree.
///
/// A rule that looks at sets and at the host as a whole is one type, in one file.
protocol Rule: Sendable {}

/// Looks at a set: may the request be carried out on it?
protocol SetRule: Rule {
  func findings(in situation: Situation) -> [Finding]
}

/// Looks at the host as a whole, and says of what is well that it is.
protocol HostRule: Rule {
  func findings(on examination: Examination) -> [Finding]
}

extension [Finding] {
  /// In the order of severity, then as they stand.
  var worstFirst: Self {
    enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
  }
}
