import CSystem
import Glibc

/// The time of day, for people: what a record says of when.
public enum Clock {
  /// Seconds since 1970.
  public static var seconds: Int { Int(time(nil)) }

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
  public static func sleep(milliseconds: Int) { usleep(UInt32(min(max(milliseconds, 0), 4_000_000)) * 1000) }
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
