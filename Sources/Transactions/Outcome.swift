import Planning
import Host
import PCI

/// The result of a run.
public struct Outcome: Sendable, Equatable {
  public enum Result: String, Sendable {
    case done
    /// All was as requested before the run.
    case unchanged
    case refused
    /// The kernel refused or failed part-way, or we were asked to stop; all is as it was, and verified.
    case rolledBack = "rolled-back"
    /// Not everything could be put back, or another program changed a function meanwhile.
    case partial
    /// A driver did not answer in time.
    case timeout
  }

  /// One step that was carried out, by its place in the plan.
  public struct Done: Sendable, Equatable {
    public let index: Int
    public let milliseconds: Int
    /// The C name; nil for success.
    public let errno: String?

    /// The same step in a plan with more steps before it.
    public func shifted(by count: Int) -> Self {
      Self(index: index + count, milliseconds: milliseconds, errno: errno)
    }
  }

  public var result: Result
  public var steps: [Done]
  public var failure: Failure?
  /// Where the functions of the set are now, as read back.
  public var states: [Placement]

  public init(result: Result, steps: [Done], failure: Failure?, states: [Placement]) {
    self.result = result
    self.steps = steps
    self.failure = failure
    self.states = states
  }
}

/// Why a run stopped: what was tried, what came, and what it means.
public struct Failure: Error, Sendable, Equatable {
  /// What was being done, in words: `bind 0000:01:00.0 to vfio-pci`.
  public let operation: String
  public let path: String?
  public let errno: String?
  /// What the state is now.
  public var state: String
  /// What to do next.
  public var next: String
  /// A module could not be loaded: something is missing, and nothing was refused by a driver.
  public var isMissingModule = false
  /// The last look before the first write found what was not there before: nothing was written.
  public var isRefusal = false

  public init(operation: String, path: String?, errno: String?, state: String, next: String) {
    self.operation = operation
    self.path = path
    self.errno = errno
    self.state = state
    self.next = next
  }
}
