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

  /// The words that every entry gets: a shell puts them together, then GRUB takes them apart.
  static func words(_ files: [(path: String, text: String)]) -> BootWords {
    let texts = files.map { ShellText($0.text, file: $0.path) }
    let variables = ShellVariables(texts)
    var found = BootWords()
    found.isComplete = texts.allSatisfy(\.isComplete)
    for name in ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"] {
      let value = variables[name]
      let line = GRUBLine(value.map(\.value)) { _ in [nil] }
      found.isComplete = found.isComplete && line.isComplete
      for word in line.words {
        guard let place = Array(value[word.range]).place else { continue }
        let text = texts[place.text]
        let spelling = text.spelling(place.range)
        let source = text.source(line: place.line)
        if word.bytes.contains(nil) {
          found.unknown.append(BootArgument(spelling, source: source, loader: .grub))
        } else if !word.bytes.isEmpty {
          let handed = GRUBLine.handedOn(String(decoding: word.bytes.compactMap { $0 }, as: UTF8.self))
          found.arguments.append(BootArgument(handed, spelling: spelling, source: source, loader: .grub))
        }
      }
    }
    return found
  }

  /// The last value of a variable, with its place; nil if nothing sets it.
  static func setting(_ name: String, _ files: [(path: String, text: String)]) -> SourceLine? {
    let last = files.flatMap { ShellAssignment.read($0.text, file: $0.path) }.last { $0.name == name }
    guard let last, let word = last.words.first else { return nil }
    let text = last.words.map(\.text).joined(separator: " ")
    return SourceLine(word.source.file, word.source.line, text: text)
  }
}
