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

  /// `2026-11-23T18:37:53Z`; the number if it is not a second of the years 1900 to 9999.
  ///
  /// Not by `gmtime_r(3)`, which reads TZ and /etc/localtime, for UTC as well.
  public static func text(_ seconds: Int) -> String {
    guard (-2_208_988_800..<253_402_300_800).contains(seconds) else { return "\(seconds)" }
    // Days from 0000-03-01 on, in a calendar whose years begin in March: the leap day is the last one.
    let sinceThen = seconds + 719_468 * 86_400
    let days = sinceThen / 86_400
    let second = sinceThen % 86_400
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = era * 400 + yearOfEra + (month < 3 ? 1 : 0)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(year)-\(two(month))-\(two(day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
  }

  /// Sleeps without burning the processor; a signal that is remembered ends it early.
  private static func systemSleep(milliseconds: Int) { usleep(UInt32(min(max(milliseconds, 0), 4_000_000)) * 1000) }
}

/// Who runs us.
public enum User {
  /// Effective user id 0.
  public static var isRoot: Bool { geteuid() == 0 }
}
