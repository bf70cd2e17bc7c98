import Glibc

/// The end of the program.
public enum Ending {
  /// `exit(3)`, after a line on standard error if there is something to say.
  public static func exit(_ status: Int32, saying text: String? = nil) -> Never {
    if let text { StandardError.write(Array("\(text)\n".utf8)) }
    Glibc.exit(status)
  }
}
