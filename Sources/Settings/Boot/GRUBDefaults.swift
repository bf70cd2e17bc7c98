import Host

/// `/etc/default/grub`, and what `grub-mkconfig` takes of it.
enum GRUBDefaults {
  static let path = "/etc/default/grub"
  private static let folder = "/etc/default/grub.d"

  /// As `grub-mkconfig` does: the defaults, then what the distribution's packages put into the folder, in their order.
  static func files(_ files: inout SettingFiles) -> [(path: String, text: String)] {
    ([path] + files.names(folder).filter { $0.hasSuffix(".cfg") }.map { "\(folder)/\($0)" }).compactMap { path in
      files.text(path).map { (path, $0) }
    }
  }

  /// The words that every entry gets.
  static func arguments(_ files: [(path: String, text: String)]) -> [BootArgument] {
    let assignments = files.flatMap { ShellAssignment.read($0.text, file: $0.path) }
    var words: [String: [BootArgument]] = [:]
    for (place, assignment) in assignments.enumerated() where variables.contains(assignment.name) {
      // One that does not name its own variable replaces those before it.
      let keeps = assignment.isAppending || assignment.refers(to: assignment.name)
      let added = assignment.words.flatMap { expanded($0, assignments[..<place], but: assignment.name) }
      words[assignment.name] = (keeps ? words[assignment.name, default: []] : []) + added
    }
    return words.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// The last value of a variable, with its place; nil if nothing sets it.
  static func setting(_ name: String, _ files: [(path: String, text: String)]) -> SourceLine? {
    let last = files.flatMap { ShellAssignment.read($0.text, file: $0.path) }.last { $0.name == name }
    guard let last, let word = last.words.first else { return nil }
    let text = last.words.map(\.text).joined(separator: " ")
    return SourceLine(word.source.file, word.source.line, text: text)
  }

  private static let variables: Set = ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"]

  /// A word with the values of the variables that were set before; none if one of them is not known.
  private static func expanded(
    _ word: ShellAssignment.Word, _ before: ArraySlice<ShellAssignment>, but own: String
  ) -> [BootArgument] {
    guard word.text.contains("$") else {
      return [BootArgument(word.text, spelling: word.spelling, source: word.source, loader: .grub)]
    }
    var isKnown = true
    let texts = GRUBLine.words(word.text) { name in
      guard name != own, let set = before.last(where: { $0.name == name }),
        !set.words.contains(where: { $0.text.contains("$") || $0.text.contains("`") })
      else {
        isKnown = false
        return ""
      }
      return set.words.map(\.text).joined(separator: " ")
    }
    guard isKnown, !word.text.contains("$(") else { return [] }
    return texts.map { BootArgument($0, spelling: word.spelling, source: word.source, loader: .grub) }
  }
}
