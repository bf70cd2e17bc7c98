import ArgumentParser
import Host
import Operations

/// What the parser cannot know: which command was meant.
enum Mistyped {
  /// What other tools call our commands.
  private static let synonyms = ["ls": "list", "unbind": "release"]

  /// Nil if the command is one of ours.
  static func diagnostic(_ arguments: [String]) -> Diagnostic? {
    guard let word = arguments.first else { return nil }
    let commands = Hostdev.configuration.subcommands.compactMap { command in command.configuration.commandName }
    if word.hasPrefix("-") {
      guard let command = arguments.first(where: commands.contains) else { return nil }
      return Diagnostic(
        .usage, "\(word) stands before the command", next: "Options follow it: hostdev \(command) … \(word)")
    }
    if commands.contains(word) || word == "help" { return nil }
    let meant = synonyms[word] ?? suggestion(for: word, among: commands)
    return Diagnostic(
      .usage, "'\(word)' is not a command",
      next: (meant.map { "Did you mean 'hostdev \($0)'? " } ?? "") + "'hostdev --help' lists the commands.")
  }
}
