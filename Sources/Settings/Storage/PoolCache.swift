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

  /// The pool whose part of the list names one of these paths, and in which role; nil if none does. Labels of caches and
  /// spares have no pool's name (`vdev_aux_label_generate` of ZFS), so the path is all that tells theirs.
  public func member(named paths: Set<String>) -> (pool: String, role: Role)? {
    var pool: String?
    var role = Role.data
    var last = ""
    for text in strings {
      // Values stand behind their names; a pool's list begins with its `name`.
      if last == "name" { (pool, role) = (text, .data) }
      if last == "path", paths.contains(text) { return pool.map { ($0, role) } }
      if let list = Role(rawValue: text), last != "path" { role = list }
      last = text
    }
    return nil
  }

  /// The lists of a pool's configuration, by their names there.
  public enum Role: String, Sendable {
    case data = "children", cache = "l2cache", spare = "spares"
  }

  /// Every name and value that is a text, in their order: four bytes of length, the highest first, and the text.
  private var strings: [String] {
    var found: [String] = []
    var place = 0
    while place + 4 < bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 4 + length
      guard (1...1024).contains(length), end <= bytes.count,
        bytes[place + 4..<end].allSatisfy({ (0x20...0x7e).contains($0) })
      else {
        place += 1
        continue
      }
      found.append(String(decoding: bytes[place + 4..<end], as: UTF8.self))
      place = end
    }
    return found
  }
}
