import Synchronization
import System

/// A writer in this very process, for a simulated kernel: of a real one a write that does not return would be ours to wait
/// for.
public final class LocalWriter: Writer {
  private let loop: WriterLoop
  private let deadline: WriterDeadline
  public let process: ProcessIdentity?
  /// What did not return, and what the kernel still waits to do.
  public private(set) var leftBehind: WriterRequest?
  /// It was ended from outside: nothing answers any more.
  public var isDead = false

  /// `process`: who it is taken for. The `loop`'s kernel answers ETIMEDOUT where the deadline is over.
  public init(_ loop: WriterLoop, as process: ProcessIdentity?, deadline: WriterDeadline) {
    self.loop = loop
    self.process = process
    self.deadline = deadline
  }

  public var isUsable: Bool { leftBehind == nil && !isDead }

  public func ask(_ request: WriterRequest, within limit: Duration, waiting: (Duration) -> Void) -> WriterAnswer {
    if isDead { return .died }
    if leftBehind != nil { return .late }
    deadline.begin(limit)
    let reply = loop.reply(to: request)
    if isDead { return .died }
    guard reply.errno == Errno.timedOut.name, deadline.isOver else { return .done(reply) }
    leftBehind = request
    return .late
  }

  public func finish() {}
}

/// Until when what a `LocalWriter` is asked may take.
public final class WriterDeadline: Sendable {
  private let clock: Clock
  private let end: Mutex<ContinuousClock.Instant?> = Mutex(nil)

  public init(_ clock: Clock) { self.clock = clock }

  func begin(_ limit: Duration) { end.withLock { $0 = clock.now + limit } }

  public var isOver: Bool { end.withLock { end in end.map { clock.now >= $0 } ?? false } }
}
