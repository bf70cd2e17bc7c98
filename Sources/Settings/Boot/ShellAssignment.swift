import Host

/// `NAME="value"` of a file that a shell reads, as `/etc/default/grub` is: no commands, and variables left as they are.
struct ShellAssignment: Equatable {
  struct Word: Equatable {
    let text: String
    /// As the file has it, escapes and all.
    let spelling: String
    let source: SourceLine
  }

  let name: String
  /// `NAME+=`.
  let isAppending: Bool
  /// The value between blanks, quotes taken off; each with the line that it begins on.
  let words: [Word]

  /// The value takes up the variable's own, as in `X="$X more"`.
  func refers(to name: String) -> Bool {
    words.contains { word in
      word.text.contains("${\(name)}")
        || word.text.split(separator: "$", omittingEmptySubsequences: false).dropFirst()
          .contains { $0.prefix { $0.isLetter || $0.isNumber || $0 == "_" } == name }
    }
  }

  static func read(_ text: String, file: String) -> [ShellAssignment] {
    var scanner = ShellScanner(text, file: file)
    var found: [ShellAssignment] = []
    while let assignment = scanner.next() { found.append(assignment) }
    return found
  }
}
