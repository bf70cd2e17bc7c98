import Host

/// A line of udev's rules, with those that continue it.
public struct UdevRule: Sendable, Hashable {
  /// File, first line, and the text as udev puts it together.
  public let source: SourceLine
  /// The last of its lines.
  public let lastLine: Int
  /// What it does to PCI functions; empty if it does nothing that matters here.
  public internal(set) var effects: [FunctionEffect]
  /// Programs that it runs and that are read elsewhere: what they do is added to `effects`.
  let programs: [String]
  let matches: [UdevToken]
  /// `ENV{KEY}="value"`.
  let variables: [UdevToken]
  let label: String?
  let goto: String?

  init(_ text: String, _ source: SourceLine, lastLine: Int) {
    self.source = source
    self.lastLine = lastLine
    guard let tokens = UdevToken.all(text) else {
      // udev ignores it as well, if it reads it as we do: that is not certain.
      effects = DriverCommand.mentionsDrivers(text) ? [FunctionEffect(.unclear(names: true), on: .device)] : []
      programs = []
      (matches, variables, label, goto) = ([], [], nil, nil)
      return
    }
    matches = tokens.filter { $0.isMatch }
    variables = tokens.filter { $0.key == "ENV" && !$0.isMatch }
    label = tokens.last { $0.key == "LABEL" }?.value
    goto = tokens.last { $0.key == "GOTO" }?.value
    let acts = tokens.filter { !$0.isMatch || $0.key == "PROGRAM" || $0.key == "IMPORT" }
    effects = acts.flatMap(FunctionEffect.all)
    programs = acts.compactMap(\.program)
  }
}
