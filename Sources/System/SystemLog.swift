import CSystem
import Glibc

/// The host's log, in which an administrator looks for who did what.
public enum SystemLog {
  /// One line, by `syslog(3)`. Control characters, which could fake another line, are blanks there.
  public static func write(_ text: String) {
    hostdev_log(line(text))
  }

  /// As the kernel's messages and journald's `PRIORITY` number them.
  public enum Priority: Int32, Sendable { case error = 3, warning, notice, info }

  /// A line with fields of its own: to journald if that runs, else, as in an initramfs without it, to the kernel's
  /// log, from where journald takes it later, without the fields. False if it reached neither.
  @discardableResult
  public static func event(_ text: String, _ priority: Priority, fields: [JournalField]) -> Bool {
    let all =
      [
        JournalField("MESSAGE", text), JournalField("PRIORITY", "\(priority.rawValue)"),
        JournalField("SYSLOG_IDENTIFIER", "hostdev"),
      ] + fields
    let datagram = all.flatMap(\.bytes)
    if hostdev_journal(datagram, datagram.count) == 0 { return true }
    return kernelLog(text, priority)
  }

  /// `/dev/kmsg` takes a record a write, of not quite a kilobyte.
  private static func kernelLog(_ text: String, _ priority: Priority) -> Bool {
    let descriptor = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let record = Array("<\(priority.rawValue)>hostdev: \(line(text))".utf8.prefix(900))
    return Glibc.write(descriptor, record, record.count) == record.count
  }

  private static func line(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.asciiValue ?? 0) < 0x20 ? " " : $0 })
  }
}

/// One field of an entry in the journal, in the form of its native protocol.
public struct JournalField: Sendable, Equatable {
  public let name: String
  public let value: String

  /// `name`: capital letters, digits and `_`. A name may be given several times.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// `NAME=value` and a newline; a value with a newline in it is preceded by its length instead, so that it cannot
  /// pass for another field.
  public var bytes: [UInt8] {
    let value = Array(self.value.utf8)
    if !value.contains(0x0a) { return Array(name.utf8) + [UInt8(ascii: "=")] + value + [0x0a] }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(value.count) >> UInt64($0 * 8)) }
    return Array(name.utf8) + [0x0a] + length + value + [0x0a]
  }
}
