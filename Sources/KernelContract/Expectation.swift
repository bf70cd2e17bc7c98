import System

/// One answer of the kernel, as data: a state, one write, what it answers, and what is so afterwards.
///
/// Paths and values are templates: `{isolated}` is the address of a role (see `Roles`), `{isolated.driver}`,
/// `{isolated.id}`, `{isolated.group}` its home driver, its ids as `new_id` takes them, its group.
public struct Expectation: Sendable {
  public let name: String
  /// The row or bullet of kernel.md that says so.
  public let row: String
  /// Brings the state about.
  public let setup: [Step]
  public let write: Write
  /// What may be answered; nil is success. Several where kernels differ.
  public let answers: [Errno?]
  public let after: [Look]
  /// Undoes what the general restoring of functions does not know, before it.
  public let restore: [Step]
}

/// A write to a template of a path.
public struct Write: Sendable {
  public let path: String
  public let value: [UInt8]

  public init(_ value: String, to path: String) {
    self.path = path
    self.value = Array(value.utf8)
  }
}

/// A step on the way to a state.
public enum Step: Sendable {
  case write(Write)
  case module(String, [String])
  /// A process opens the function through VFIO, as a guest does, until the answer was seen.
  case hold(String)
}

/// Something to look at afterwards, and what must be seen.
public struct Look: Sendable {
  public enum Kind: Sendable {
    /// The last component of a link, `none` where there is none.
    case link
    /// An attribute without its last line's end, `none` where there is none.
    case text
    /// How many bytes it has, without its last line's end.
    case length
    /// `yes` or `no`.
    case existence
    /// Its first four bytes, in hex.
    case bytes
    /// How many entries a folder has.
    case count
  }

  public let kind: Kind
  public let path: String
  /// What may be seen; empty where it is only recorded.
  public let values: [String]
}
