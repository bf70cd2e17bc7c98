import Host
import Settings

/// An edit that gives the next boot a word more, tried on the file's text before it is printed.
struct WordAddition {
  let command: String

  /// Nil if no form of the edit adds just that word.
  init?(of word: String, to file: String, in boot: BootConfiguration) {
    guard let text = boot.texts[file] else { return nil }
    let before = boot.words(of: file, reading: text)
    for edit in Self.edits(word, file, now: text) {
      let after = boot.words(of: file, reading: edit.text)
      // In whichever place: all others stay.
      if after.arguments.map(\.word).sorted() == (before.arguments.map(\.word) + [word]).sorted(),
        after.differsOnlyInWords(from: before)
      {
        command = edit.command
        return
      }
    }
    return nil
  }

  private typealias Edit = (command: String, text: String)

  private static func edits(_ word: String, _ file: String, now text: String) -> [Edit] {
    let path = ShellWord.quoted(file)
    if file.hasPrefix("/etc/default/grub") {
      // A line of its own, so that whatever is in the file is left as it is.
      let line = "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX \(word)\""
      return [
        ("echo '\(line)' >> \(path)", "\(text)\(line)\n"),
        // The last line of the file has no end.
        ("printf '\\n%s\\n' '\(line)' >> \(path)", "\(text)\n\(line)\n"),
      ]
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if file.contains("/loader/entries/") {
      guard let place = lines.firstIndex(where: { $0.hasPrefix("options ") || $0.hasPrefix("options\t") }) else {
        return []
      }
      lines[place] += " \(word)"
      return [("sed -i \(ShellWord.quoted("\(place + 1)s/$/ \(word)/")) \(path)", lines.joined(separator: "\n"))]
    }
    guard let place = lines.firstIndex(where: { !$0.isEmpty && !$0.contains("#") }) else { return [] }
    lines[place] += " \(word)"
    return [("sed -i \(ShellWord.quoted("\(place + 1)s/$/ \(word)/")) \(path)", lines.joined(separator: "\n"))]
  }
}
