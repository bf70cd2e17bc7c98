import Glibc

/// Who owns a file or a folder, and who may write it.
public struct Rights: Sendable, Equatable {
  public let owner: UInt32
  /// The permission bits: `0o644`.
  public let mode: UInt32
  public let kind: FileKind
  public let isLink: Bool

  public init(owner: UInt32, mode: UInt32, kind: FileKind, isLink: Bool) {
    self.owner = owner
    self.mode = mode
    self.kind = kind
    self.isLink = isLink
  }

  init(_ status: stat) {
    owner = status.st_uid
    mode = status.st_mode & 0o7777
    kind = FileKind(status)
    isLink = status.st_mode & S_IFMT == S_IFLNK
  }

  /// Others than the owner may write (group or other write bit).
  public var isSharedForWriting: Bool { mode & 0o022 != 0 }
  /// Every user may write (other write bit).
  public var isOpenForWriting: Bool { mode & 0o002 != 0 }
}

extension User {
  /// The effective user id.
  public static var number: UInt32 { geteuid() }
}
