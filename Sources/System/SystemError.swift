import CSystem
import Glibc

/// A system call that failed: which, on what, and what the kernel answered.
public struct SystemError: Error, Equatable, Sendable {
  /// The call's name, as in its manual page.
  public let call: String
  public let path: String
  public let errno: Errno

  public init(call: String, path: String, errno: Errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }
}

/// An errno value with its name.
public struct Errno: RawRepresentable, Hashable, Sendable {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The value that the last failed call left.
  static var current: Self { Self(rawValue: Glibc.errno) }

  public static let noEntry = Self(rawValue: ENOENT)
  public static let notDirectory = Self(rawValue: ENOTDIR)
  public static let isDirectory = Self(rawValue: EISDIR)
  public static let noProcess = Self(rawValue: ESRCH)
  public static let noDevice = Self(rawValue: ENODEV)
  public static let busy = Self(rawValue: EBUSY)
  public static let exists = Self(rawValue: EEXIST)
  public static let invalid = Self(rawValue: EINVAL)
  public static let notTTY = Self(rawValue: ENOTTY)
  public static let range = Self(rawValue: ERANGE)
  public static let io = Self(rawValue: EIO)
  public static let accessDenied = Self(rawValue: EACCES)
  public static let notPermitted = Self(rawValue: EPERM)
  public static let readOnly = Self(rawValue: EROFS)
  public static let noSpace = Self(rawValue: ENOSPC)
  public static let tryAgain = Self(rawValue: EAGAIN)
  public static let loop = Self(rawValue: ELOOP)
  public static let tooBig = Self(rawValue: EFBIG)
  public static let timedOut = Self(rawValue: ETIMEDOUT)
  public static let noMemory = Self(rawValue: ENOMEM)
  public static let tooManyFiles = Self(rawValue: EMFILE)
  public static let notSupported = Self(rawValue: EOPNOTSUPP)
  public static let brokenPipe = Self(rawValue: EPIPE)

  /// The C name, `EBUSY`; `E<number>` if the C library has none.
  public var name: String { hostdev_errno_name(rawValue).map { String(cString: $0) } ?? "E\(rawValue)" }
  /// The C library's sentence, `Device or resource busy`.
  public var text: String { hostdev_errno_text(rawValue).map { String(cString: $0) } ?? "unknown error \(rawValue)" }

  /// The errno of a C library's sentence.
  public init?(text: String) {
    guard let value = (1..<200).first(where: { Self(rawValue: $0).text == text }) else { return nil }
    rawValue = value
  }

  /// The errno of a C name.
  public init?(name: String) {
    guard let value = (1..<200).first(where: { Self(rawValue: $0).name == name }) else { return nil }
    rawValue = value
  }
}

extension Errno: CustomStringConvertible { public var description: String { name } }
