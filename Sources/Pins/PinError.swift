import PCI
import System

/// Why a pin cannot be used.
public enum PinError: Error, Sendable, Equatable {
  /// No such file; `suggestion` is the name that looks most like it.
  case missing(name: String, suggestion: String?)
  /// `line` from 1 on; `key` as `functions[0].path`. Both nil where the file's name is at fault.
  case malformed(file: String, line: Int?, key: String?, reason: String)
  /// Others than root may have written it, or its folder.
  case untrusted(path: String, reason: String)
  /// Two pins declare this function.
  case duplicate(pin: String, other: String, function: Address)
  case cannotRead(SystemError)
  case cannotWrite(SystemError)

  /// Names of the pins that it costs; none where it is the folder.
  public var names: [String] {
    switch self {
    case .missing(let name, _): [name]
    case .malformed(let file, _, _, _): Self.names(file)
    case .untrusted(let path, _): Self.names(path)
    case .duplicate(let one, let other, _): [one, other]
    case .cannotRead(let cause), .cannotWrite(let cause): Self.names(cause.path)
    }
  }

  private static func names(_ file: String) -> [String] { PinFolder.name(ofFile: file).map { [$0] } ?? [] }
}
