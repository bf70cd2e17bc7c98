import CSystem

/// The host's log, where an administrator looks for who did what.
public enum SystemLog {
  /// One line, by `syslog(3)`. Control characters, which could fake another line, are blanks there.
  public static func write(_ text: String) {
    hostdev_log(String(text.map { $0.isASCII && ($0.asciiValue ?? 0) < 0x20 ? " " : $0 }))
  }
}
