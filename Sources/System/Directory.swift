/// One directory of a tree, opened once for several reads: the way to it is walked once.
///
/// It takes only names in the directory, and follows no link: the root resolves links.
public protocol Directory: AnyObject, Sendable {
  /// As given, below the root; errors name it.
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
