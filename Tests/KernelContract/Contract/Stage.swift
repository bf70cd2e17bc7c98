import System

/// What else an expectation needs of the machine that it is played on: the lab's guest, or the simulator.
///
/// What begins something gives back what ends it.
public protocol Stage {
  func loadModule(_ name: String, _ arguments: [String]) throws
  func unloadModule(_ name: String) throws
  func hold(_ address: String, group: String) throws -> () -> Void
  func link(consumer: String, supplier: String) throws -> () -> Void
  func mount(_ address: String) throws -> () -> Void
  /// See `Step.probesAnswer`.
  func probes(answer errno: Errno?) throws
  /// See `Look.Kind.opening`.
  func open(group: String) throws -> String
  /// Begins a write in a process or thread that can be left behind.
  func begin(_ value: [UInt8], to path: String) throws -> any Begun
  /// Begins a read so. What it gives is `Begun.text`.
  func begin(reading path: String) throws -> any Begun
}

/// What was begun and may not come back for a while.
public protocol Begun {
  /// It has come back, now or before the deadline.
  func isDone(until deadline: ContinuousClock.Instant) throws -> Bool
  /// What was answered; nil is success. Asked only once it is done.
  var errno: Errno? { get }
  var text: String { get }
}
