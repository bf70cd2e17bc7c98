import Host
import PCI

/// A selector that named nothing: what was looked for, and what is near to it.
public struct NoSuchDevice: Error, Sendable, Equatable {
  public let lookedFor: String
  public let path: String?
  /// Nil if nothing is near.
  public let suggestion: Candidate?

  init(_ lookedFor: String, path: String?, suggestion: Candidate? = nil) {
    self.lookedFor = lookedFor
    self.path = path
    self.suggestion = suggestion
  }
}

/// What a user may have meant.
public struct Candidate: Sendable, Equatable {
  /// As it is written.
  public let text: String
  public let functions: [Address]

  public init(text: String, functions: [Address]) {
    self.text = text
    self.functions = functions
  }
}
