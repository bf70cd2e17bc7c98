import CSystem
import Glibc

/// Who owns a file or a folder, and who may write it.
public struct Rights: Sendable, Equatable {
  public let owner: UInt32
  /// The permission bits: `0o644`.
  public let mode: UInt32
  public let kind: FileKind
  public let isLink: Bool

  init(_ status: stat) {
    owner = status.st_uid
    mode = status.st_mode & 0o7777
    kind = FileKind(status)
    isLink = status.st_mode & S_IFMT == S_IFLNK
  }

  /// Others than the owner may write (group or other write bit).
  public var isSharedForWriting: Bool { mode & 0o022 != 0 }
  /// Anybody may write (other write bit).
  public var isOpenForWriting: Bool { mode & 0o002 != 0 }
}

extension Root {
  /// What is at `path` itself, a link not followed (`fstat(2)`).
  public func rights(_ path: String) throws(SystemError) -> Rights {
    let descriptor = try open(path, hostdev_o_path | O_NOFOLLOW)
    defer { close(descriptor) }
    return try Self.rights(descriptor, path)
  }

  /// The whole of a plain file, and the rights of that very file. ELOOP where the name is a link, EINVAL where it is no
  /// plain file. More than `limit` bytes is EFBIG.
  public func readPlain(_ path: String, limit: Int) throws(SystemError) -> (bytes: [UInt8], rights: Rights) {
    let descriptor = try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    defer { close(descriptor) }
    let rights = try Self.rights(descriptor, path)
    guard rights.kind == .file else { throw SystemError(call: "open", path: path, errno: .invalid) }
    return (try Self.readAll(descriptor, path: path, limit: limit), rights)
  }

  private static func rights(_ descriptor: Int32, _ path: String) throws(SystemError) -> Rights {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(call: "fstat", path: path, errno: .current) }
    return Rights(status)
  }
}

extension User {
  /// The effective user id.
  public static var number: UInt32 { geteuid() }
}
