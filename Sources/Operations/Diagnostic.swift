import Checks

/// Why an operation ends early: the one error of this room, a value that is shown as text and as JSON.
public struct Diagnostic: Error, Sendable, Equatable {
  public typealias Status = ExitStatus

  /// The state, if nothing was done.
  public static let unchanged = "nothing was changed"

  public let status: Status
  /// What was being done.
  public let operation: String
  public let path: String?
  /// The kernel's answer by its C name.
  public let errno: String?
  /// What the state is now.
  public let state: String
  /// What to do next.
  public let next: String
  /// The finding that refuses it, where that is why: of a pin whose function is not the one that was pinned.
  public private(set) var refusal: Finding?
  /// What was done before it stays done.
  let leavesChange: Bool

  /// `leavesChange`: what was done before it stays done.
  public init(
    _ status: Status, _ operation: String, path: String? = nil, errno: String? = nil,
    state: String = unchanged, leavesChange: Bool = false, next: String
  ) {
    self.status = status
    self.operation = operation
    self.path = path
    self.errno = errno
    self.state = state
    self.next = next
    self.leavesChange = leavesChange
  }

  /// Refused by a check before there is a set to show.
  init(refusedBy finding: Finding) {
    self.init(.refused, finding.message, next: finding.remedy)
    refusal = finding
  }

  /// An error that no operation knows of: a fault of the program's, and never a refusal.
  public init(unforeseen error: any Error) {
    self.init(
      .software, "unexpected error: \(error)", state: "unknown; see: hostdev status",
      next: "report it with the command and this text; then: hostdev status; if a run was interrupted: hostdev recover")
  }

  /// In a line: what was being done, to which path, and the answer.
  public var line: String { ([operation] + [path, errno].compactMap { $0 }).joined(separator: ": ") }
}
