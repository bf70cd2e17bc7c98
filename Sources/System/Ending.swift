import Glibc

/// The end of a small program.
public enum Ending {
  /// `exit(3)`, after a line on standard error where there is something to say.
  public static func exit(_ status: Int32, saying text: String? = nil) -> Never {
    if let text {
      let bytes = Array("\(text)\n".utf8)
      write(2, bytes, bytes.count)
    }
    Glibc.exit(status)
  }
}
