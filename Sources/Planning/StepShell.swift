import Host

extension Step {
  /// A plan as lines that `sh` runs to the same effect, each step a line, up to the first that fails.
  public static func shellLines(_ plan: [Step]) -> [String] {
    ShellLine.untilOneFails(plan.map { $0.shellLine + ($0.isOptional(in: plan) ? " || true" : "") })
  }

  /// One step as a line of it.
  public var shellLine: String {
    switch self {
    case .override, .unbind, .bind, .offer, .reset, .attribute: ShellLine.write(value ?? "", to: path)
    case .link(let command, _, _, _): ShellLine.command(command.words)
    // Its words come from modules.alias, which may be a capture's.
    case .load(let words, _): ShellLine.command(["modprobe"] + words)
    case .expectDriver(let driver, _): ShellLine.expectLink(path, to: driver)
    case .expectAnswer: ShellLine.expectBytes(value ?? "", of: path)
    }
  }
}

/// Lines for `sh`, whatever is in the words.
enum ShellLine {
  static func untilOneFails(_ lines: [String]) -> [String] { lines.isEmpty ? [] : ["set -e"] + lines }

  static func write(_ value: String, to path: String) -> String {
    value == "\n"
      ? "printf '\\n' > \(ShellWord.quoted(path))" : "printf %s \(ShellWord.quoted(value)) > \(ShellWord.quoted(path))"
  }

  static func command(_ words: [String]) -> String { words.map(ShellWord.quoted).joined(separator: " ") }

  /// That a link leads to something of this name, or with nil is not there.
  static func expectLink(_ path: String, to name: String?) -> String {
    guard let name else { return "[ ! -L \(ShellWord.quoted(path)) ]" }
    return "[ \"$(basename \"$(readlink \(ShellWord.quoted(path)))\")\" = \(ShellWord.quoted(name)) ]"
  }

  /// That a file begins with these bytes, in hex.
  static func expectBytes(_ bytes: String, of path: String) -> String {
    "[ \"$(od -An -tx1 -N4 \(ShellWord.quoted(path)) | tr -d ' ')\" = \(ShellWord.quoted(bytes)) ]"
  }
}
