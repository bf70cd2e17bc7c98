import FoundationEssentials

/// What was answered to one expectation; one line of JSON in a record.
public struct Answer: Codable, Sendable, Equatable {
  public var name: String
  public var row: String
  /// By name; nil is success.
  public var errno: String?
  /// By template of the path.
  public var after: [String: String]
  /// Why this is not an answer: the machine has no such function, a step of the setup failed, a state was not restored.
  public var failed: String?
  /// Both the errno and what was seen are among what was expected.
  public var isMet: Bool

  private enum CodingKeys: String, CodingKey { case name, row, errno, after, failed, isMet = "met" }

  /// One line, keys in order.
  public var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(row, forKey: .row)
    // Success is encoded as null, not left out.
    try container.encode(errno, forKey: .errno)
    try container.encode(after, forKey: .after)
    try container.encodeIfPresent(failed, forKey: .failed)
    try container.encode(isMet, forKey: .isMet)
  }
}
