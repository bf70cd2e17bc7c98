import CSystem
import Glibc

/// What the C library keeps for the process.
public enum Environment {
  public static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Standard output is a terminal.
  public static var outputIsTerminal: Bool { isatty(1) == 1 }

  /// Columns of that terminal; nil if it is not a terminal, or does not say.
  public static var outputColumns: Int? {
    let columns = hostdev_columns(1)
    return columns > 0 ? Int(columns) : nil
  }

  /// The locale's characters are UTF-8's: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set says so, see locale(7).
  public static var isUTF8: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { value($0) }.first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }
}
