/// One directory of a tree, opened once for several reads: the way to it is walked once.
///
/// Only names in it are asked for, and no link is followed here: where one leads is the root's to say.
public protocol Directory: AnyObject, Sendable {
  /// As it was asked for below the root; what errors name.
  var path: String { get }
  /// The inode's number: on a kernel's sysfs another one for every device that comes, even at the place of an old one.
  var number: UInt64? { get }
  /// The whole of a file; ELOOP for a link. More than `limit` bytes is EFBIG.
  func read(_ name: String, limit: Int) throws(SystemError) -> [UInt8]
  /// The text of a link. EINVAL for anything else.
  func linkTarget(_ name: String) throws(SystemError) -> String
}

extension Directory {
  /// The whole of a file of 64 KiB at most: no attribute is longer.
  public func read(_ name: String) throws(SystemError) -> [UInt8] { try read(name, limit: 1 << 16) }
}
