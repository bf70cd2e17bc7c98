/// What a run has of the machine that it runs on: time, processes, and signals. It is handed in, so that a simulation can
/// have its own, and several of them in one process.
public struct Runtime: Sendable {
  public let clock: Clock
  private let own: @Sendable () -> ProcessIdentity?
  private let lives: @Sendable (ProcessIdentity) -> Bool
  private let signal: @Sendable () -> String?
  private let remember: @Sendable () -> Void

  /// `own`: who runs it. `lives`: this very process still runs. `signal`: the name of a signal that told it to end.
  /// `remember`: from now on such a signal is only remembered.
  public init(
    clock: Clock, own: @escaping @Sendable () -> ProcessIdentity?,
    lives: @escaping @Sendable (ProcessIdentity) -> Bool, signal: @escaping @Sendable () -> String? = { nil },
    remember: @escaping @Sendable () -> Void = {}
  ) {
    self.clock = clock
    self.own = own
    self.lives = lives
    self.signal = signal
    self.remember = remember
  }

  /// This machine's.
  public static let system = Self(
    clock: .system, own: { ProcessIdentity.current }, lives: { $0.isAlive }, signal: { Interruption.signalName },
    remember: Interruption.remember)

  /// Who runs it; nil if that cannot be told.
  public var ownProcess: ProcessIdentity? { own() }
  public func isAlive(_ process: ProcessIdentity) -> Bool { lives(process) }
  /// The signal that told it to end, if one came since signals are remembered.
  public var signalName: String? { signal() }
  /// From now on signals that ask for an end are only remembered, so that a write is finished and put back.
  public func rememberSignals() { remember() }
}
