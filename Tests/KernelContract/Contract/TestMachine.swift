import System

/// What an expectation needs of its machine beside sysfs: the lab's guest, or the simulator.
///
/// What begins something gives back what ends it.
public protocol TestMachine {
  func loadModule(_ name: String, _ arguments: [String]) throws
  func unloadModule(_ name: String) throws
  func hold(_ address: String, group: String) throws -> () -> Void
  func link(consumer: String, supplier: String) throws -> () -> Void
  func mount(_ address: String) throws -> () -> Void
  /// See `Step.probesAnswer`.
  func probes(answer errno: Errno?) throws
  /// See `Check.Kind.opening`.
  func open(group: String) throws -> String
  /// Begins a write in a process or thread that can be left behind.
  func begin(_ value: [UInt8], to path: String) throws -> any PendingCall
  /// Begins a read so. What it read is `PendingCall.text`.
  func begin(reading path: String) throws -> any PendingCall
}

/// A read or a write that was begun and may not come back for a while.
public protocol PendingCall {
  /// It has come back, now or before the deadline.
  func isDone(until deadline: ContinuousClock.Instant) throws -> Bool
  /// What was answered; nil is success. Asked only once it is done.
  var errno: Errno? { get }
  var text: String { get }
}
