import System

/// What carries out the steps of a run one by one, and looks at functions: a process, or in a simulation something in this
/// one.
public protocol Writer: AnyObject {
  /// It can be asked again.
  var isUsable: Bool { get }
  /// While this one lives, a write of it may be under way.
  var process: ProcessIdentity? { get }

  /// `waiting` is called now and then while there is no answer, with the time since it was asked.
  func ask(_ request: WriterRequest, within limit: Duration, waiting: (Duration) -> Void) -> WriterAnswer

  /// Ends it where it is idle; one that does not answer is left behind and ends by itself.
  func finish()
}

public enum WriterAnswer: Sendable {
  case done(WriterReply)
  /// Nothing came until the deadline: the request is still under way.
  case late
  /// The writer has died: whether the request was carried out is not known.
  case died
}

/// Starts the writers of a run.
public protocol WriterSource {
  func start() throws(SystemError) -> any Writer
}

/// Writers that are a program of their own, which must run a `WriterLoop` on the same root.
public struct ProcessWriters: WriterSource {
  private let path: String
  private let arguments: [String]
  private let clock: Clock

  public init(path: String, arguments: [String], clock: Clock) {
    self.path = path
    self.arguments = arguments
    self.clock = clock
  }

  public func start() throws(SystemError) -> any Writer { try ProcessWriter(path, arguments, clock: clock) }
}
