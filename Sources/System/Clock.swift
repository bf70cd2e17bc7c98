import CSystem
import Glibc

/// Time as those have it who wait and who keep records. It is handed in, so that a simulation can have its own.
public struct Clock: Sendable {
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let wall: @Sendable () -> Int
  private let pause: @Sendable (_ milliseconds: Int) -> Void

  /// `now`: what deadlines are counted in. `seconds`: since 1970. `sleep`: returns when that time is over, or earlier.
  public init(
    now: @escaping @Sendable () -> ContinuousClock.Instant, seconds: @escaping @Sendable () -> Int,
    sleep: @escaping @Sendable (_ milliseconds: Int) -> Void
  ) {
    instant = now
    wall = seconds
    pause = sleep
  }

  /// This machine's.
  public static let system = Self(now: { .now }, seconds: { Int(time(nil)) }, sleep: systemSleep)

  /// What deadlines are counted in.
  public var now: ContinuousClock.Instant { instant() }
  /// Seconds since 1970: what a record says of when.
  public var seconds: Int { wall() }
  public func sleep(milliseconds: Int) { pause(milliseconds) }

  /// `2026-11-23T18:37:53Z`.
  public static func text(_ seconds: Int) -> String {
    var moment = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&moment, &parts) != nil, (0...8099).contains(parts.tm_year) else { return "\(seconds)" }
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  /// Sleeps without burning the processor; a signal that is remembered ends it early.
  private static func systemSleep(milliseconds: Int) { usleep(UInt32(min(max(milliseconds, 0), 4_000_000)) * 1000) }
}

/// Who runs us.
public enum User {
  /// Effective user id 0.
  public static var isRoot: Bool { geteuid() == 0 }
}

/// What the C library keeps for the process.
public enum Environment {
  public static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Standard output is a terminal.
  public static var outputIsTerminal: Bool { isatty(1) == 1 }

  /// Columns of that terminal; nil where it is none, or does not say.
  public static var outputColumns: Int? {
    let columns = hostdev_columns(1)
    return columns > 0 ? Int(columns) : nil
  }
}
