import System

/// One answer of the kernel, as data: a state, one write, what it answers, and what is so afterwards.
///
/// Paths and values are templates: `{isolated}` is the address of a function (see `TestDevices`), `{isolated.driver}`,
/// `{isolated.id}`, `{isolated.group}` its home driver, its ids as `new_id` takes them, its group.
public struct Expectation: Sendable {
  public let name: String
  /// The row or bullet of kernel.md that says so.
  public let row: String
  /// Brings the state about.
  public let setup: [Step]
  public let write: Write
  /// What may be answered; nil is success, `.timedOut` a write that has not come back. Several if kernels differ.
  public let answers: [Errno?]
  public let after: [Check]
  /// Undoes what the general restoring of functions does not know, before it.
  public let restore: [Step]
}

/// A write to a template of a path.
public struct Write: Sendable {
  public let path: String
  public let value: [UInt8]
  /// The write may block until a process closes the function, so a process that can be left behind makes it.
  public let mayWait: Bool

  public init(_ value: String, to path: String, mayWait: Bool = false) {
    self.path = path
    self.value = Array(value.utf8)
    self.mayWait = mayWait
  }
}

/// A step on the way to a state.
public enum Step: Sendable {
  case write(Write)
  case module(String, [String])
  case unload(String)
  /// A process opens the function through VFIO, as a guest does, until the answer was seen.
  case hold(String)
  /// A write of another process that does not come back; from here on no write is waited for.
  case begin(Write)
  /// A write that need not succeed.
  case attempt(Write)
  /// What `hostdev-lab`, a driver that takes whatever an override gives it, answers to each probe from now on.
  case probesAnswer(Errno?)
  /// The first depends on the second by a device link, until the first is unbound.
  case link(consumer: String, supplier: String)
  /// A file system on the disk of this function is mounted, until the answer was seen.
  case mount(String)
}

/// Something to read afterwards, and what it must be.
public struct Check: Sendable {
  public enum Kind: Sendable {
    /// The last component of a link, `none` if there is none.
    case link
    /// An attribute without its last line's end, `none` if there is none.
    case text
    /// The same of one whose reading may wait for another write: `waits` then.
    case blockingText
    /// How many bytes it has, without its last line's end.
    case length
    /// `yes` or `no`.
    case existence
    /// Its first four bytes, in hex.
    case bytes
    /// How many entries a folder has.
    case count
    /// What a monitor is told that opens a group: `viable=1`, `viable=0` and the errno of going on, or an errno alone.
    case opening
  }

  public let kind: Kind
  /// Of `opening` the group's number.
  public let path: String
  /// What may be seen; empty if it is only recorded.
  public let values: [String]
}
