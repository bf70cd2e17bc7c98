import Glibc

/// What a path leads to.
public enum FileKind: Sendable, Equatable {
  case file, directory, other
  /// Device numbers of a block or character device node.
  case blockDevice(major: UInt32, minor: UInt32)
  case characterDevice(major: UInt32, minor: UInt32)

  init(_ status: stat) {
    let major = UInt32(status.st_rdev >> 8 & 0xfff)
    let minor = UInt32(status.st_rdev & 0xff | (status.st_rdev >> 12 & 0xfff00))
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFBLK: self = .blockDevice(major: major, minor: minor)
    case S_IFCHR: self = .characterDevice(major: major, minor: minor)
    default: self = .other
    }
  }
}
