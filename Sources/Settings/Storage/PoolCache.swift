import Sysfs

/// `/etc/zfs/zpool.cache`: the ZFS pools that are imported at boot.
public struct PoolCache: Sendable {
  public static let path = "/etc/zfs/zpool.cache"
  private let bytes: [UInt8]

  public init(_ sysfs: any Sysfs) { bytes = (try? sysfs.read(Self.path)) ?? [] }

  /// In a list of names and values (XDR): a name stands behind its length, four bytes, the highest first.
  public func has(_ pool: String) -> Bool {
    let name = Array(pool.utf8)
    guard !name.isEmpty, name.count < 256, bytes.count > name.count + 4 else { return false }
    let wanted = [0, 0, 0, UInt8(name.count)] + name
    return bytes.indices.dropLast(wanted.count - 1).contains { bytes[$0...].starts(with: wanted) }
  }
}
