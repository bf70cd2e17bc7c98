/// A document of YAML as a tree, its aliases and merge keys resolved.
indirect enum YAMLValue: Sendable, Equatable {
  case scalar(String)
  case list([YAMLValue])
  case map([Entry])

  struct Entry: Sendable, Equatable {
    let key: String
    /// The key's line, from 1 on; for what an alias or a merge key brings, the line on which it is written out.
    let line: Int
    let value: YAMLValue
  }

  /// The line that is not understood.
  struct Unclear: Error, Equatable { let line: Int }

  var entries: [Entry] { if case .map(let entries) = self { entries } else { [] } }
  subscript(_ key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }
  var text: String? { if case .scalar(let text) = self { text } else { nil } }
  /// The scalars of a list; one scalar is a list of one.
  var texts: [String] {
    switch self {
    case .scalar(let text): text.isEmpty ? [] : [text]
    case .list(let values): values.compactMap(\.text)
    case .map: []
    }
  }
  var isTrue: Bool { ["true", "yes", "on", "y"].contains(text?.lowercased()) }
}
