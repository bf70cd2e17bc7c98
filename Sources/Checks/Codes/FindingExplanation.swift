/// What a code means, whatever it was found on.
public struct FindingExplanation: Sendable, Equatable {
  /// What a finding of this code is about.
  public enum Subject: Sendable, Equatable {
    /// A set that a command names.
    case set
    /// The host as a whole: `doctor` alone finds it.
    case host
    case both
  }

  /// Whether `--force=CODE` overrules it.
  public enum Force: Sendable, Equatable {
    case never, always
    /// Unless what is written here holds: each finding says.
    case unless(String)
  }

  /// What is the case.
  public let meaning: String
  /// Its consequence.
  public let harm: String
  /// The kind of thing that helps. A finding has the commands.
  public let remedyIdea: String
  /// What decides: a register, an attribute, a function and file of the kernel, a file of the host.
  public let source: String
  public let subject: Subject
  public let force: Force

  init(
    meaning: String, harm: String, remedyIdea: String, source: String, subject: Subject = .set, force: Force = .never
  ) {
    self.meaning = meaning
    self.harm = harm
    self.remedyIdea = remedyIdea
    self.source = source
    self.subject = subject
    self.force = force
  }
}

extension FindingCode {
  /// Those that `--force` takes, if nothing of the finding itself speaks against it; sorted.
  public static var forceable: [FindingCode] {
    allCases.filter { $0.explanation.force != .never && $0.explanation.subject != .host }.sorted()
  }
}
