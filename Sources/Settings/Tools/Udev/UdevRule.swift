import Host

/// A line of udev's rules, with those that continue it.
public struct UdevRule: Sendable, Hashable {
  /// File, first line, and the text as udev puts it together.
  public let source: SourceLine
  /// The last of its lines.
  public let lastLine: Int
  /// What it does to a PCI function; empty if it does nothing that matters here.
  public let effects: [UdevEffect]
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
      effects = UdevCommand.mentionsDrivers(text) ? [UdevEffect(.unclear(names: true), on: .device)] : []
      (matches, variables, label, goto) = ([], [], nil, nil)
      return
    }
    matches = tokens.filter { $0.isMatch }
    variables = tokens.filter { $0.key == "ENV" && !$0.isMatch }
    label = tokens.last { $0.key == "LABEL" }?.value
    goto = tokens.last { $0.key == "GOTO" }?.value
    effects = tokens.filter { !$0.isMatch || $0.key == "PROGRAM" || $0.key == "IMPORT" }.flatMap {
      UdevEffect.all($0, isOwn: source.file.hasPrefix("/etc/") || source.file.hasPrefix("/run/"))
    }
  }
}

/// What a rule does to a PCI function.
public struct UdevEffect: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// Keeps it to this driver; empty: takes that back.
    case driver(String)
    case virtuals(Count)
    /// Takes it off the bus.
    case removal
    /// A program of which only the name is known. `names`: it or its arguments speak of drivers or guests.
    case unclear(names: Bool)
  }

  public enum Count: Sendable, Hashable {
    case number(Int)
    /// As many as there can be.
    case all
    case unclear
  }

  public enum Target: Sendable, Hashable {
    /// The function of the event, or the one that a device of its belongs to.
    case device
    case function(String)
    case interface(String)
  }

  public let kind: Kind
  public let target: Target

  init(_ kind: Kind, on target: Target) {
    self.kind = kind
    self.target = target
  }
}
