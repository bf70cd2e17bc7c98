import Host
import Sysfs

/// One line of a `mountinfo`.
struct Mount: Hashable, Sendable {
  /// `major:minor` of the file system: an anonymous `0:N` for btrfs, ZFS and network file systems.
  let number: String
  /// The folder of the file system that is mounted: `/`, or a subvolume or bind mount's.
  let root: String
  let point: String
  let type: String
  let source: String
  /// The file system's own options: `addr=192.0.2.9,vers=4.2`.
  let options: String
  /// Nil for the host's own namespace, else a process that sees it.
  var seenBy: Use.Process?

  /// `proc(5)`: id parent major:minor root point options [tags] - type source super-options.
  init?(_ line: Substring) {
    let fields = words(line)
    guard let dash = fields.dropFirst(6).firstIndex(of: "-"), fields.count > dash + 2 else { return nil }
    number = fields[2]
    root = unescaped(fields[3])
    point = unescaped(fields[4])
    type = fields[dash + 1]
    source = unescaped(fields[dash + 2])
    options = fields.count > dash + 3 ? fields[dash + 3] : ""
  }

  /// Devices that a file system has beside its own: the log and the real-time part of an XFS.
  var helpers: [String] { values(of: ["logdev=", "rtdev="]) }

  /// Folders that an overlay is made of.
  var layers: [String] {
    guard type == "overlay" else { return [] }
    return values(of: ["lowerdir=", "upperdir=", "lowerdir+=", "datadir+="]).flatMap {
      $0.split(separator: ":").map(String.init)
    }
  }

  private func values(of keys: [String]) -> [String] {
    options.split(separator: ",").compactMap { option in
      keys.first { option.hasPrefix($0) }.map { unescaped(String(option.dropFirst($0.utf8.count))) }
    }
  }

  /// The place at which it is mounted, and for whom if not for the host.
  var place: Use.MountPoint { Use.MountPoint(point, seenBy: seenBy) }
}

/// The mounts of every mount namespace that can be seen.
struct MountTable: Sendable {
  private(set) var mounts: [Mount] = []
  /// No table could be read at all.
  private(set) var isUnknown = true
  private var byNumber: [String: [Int]] = [:]
  private var bySource: [String: [Int]] = [:]
  /// File systems that may use more devices than the source names.
  private(set) var compound: [Int] = []

  init() {}

  /// `processes`: the numeric folders of `/proc`. A namespace is read once, by its `ns/mnt` link.
  init(_ sysfs: any Sysfs, processes: [String]) {
    var namespaces: Set<String> = []
    var texts: Set<[UInt8]> = []
    var seen: Set<String> = []
    for process in ["1", "self"] + processes {
      let namespace = try? sysfs.linkTarget("/proc/\(process)/ns/mnt")
      if let namespace, !namespaces.insert(namespace).inserted { continue }
      guard let bytes = try? sysfs.read("/proc/\(process)/mountinfo") else { continue }
      isUnknown = false
      // Without privilege the link cannot be read; processes of one namespace read the same text.
      guard texts.insert(bytes).inserted else { continue }
      let isOwn = process == "1" || process == "self"
      for line in textLines(String(decoding: bytes, as: UTF8.self)) {
        guard var mount = Mount(line), seen.insert("\(mount.number) \(mount.root) \(mount.point)").inserted else {
          continue
        }
        if !isOwn {
          mount.seenBy = Use.Process(
            UInt32(process) ?? 0, command: sysfs.fact("/proc/\(process)/comm").value ?? "?")
        }
        append(mount)
      }
    }
  }

  private mutating func append(_ mount: Mount) {
    let place = mounts.count
    mounts.append(mount)
    // 0 is the major of anonymous numbers: btrfs, overlays, network file systems.
    if !mount.number.hasPrefix("0:") { byNumber[mount.number, default: []].append(place) }
    // bcachefs names all its members, joined by colons.
    let named = mount.type == "bcachefs" ? mount.source.split(separator: ":").map(String.init) : [mount.source]
    let sources = named + mount.helpers
    for source in sources where source.hasPrefix("/dev/") { bySource[source, default: []].append(place) }
    if mount.type == "btrfs" || mount.type == "zfs" { compound.append(place) }
  }

  /// Without these of the host's own mounts it does not live: those points, and what an overlay at one of them is made
  /// of (`overlayroot`'s `/media/root-ro`).
  func vital(_ points: Set<String>) -> Set<Int> {
    var found: Set<Int> = []
    var queue = mounts.indices.filter { mounts[$0].seenBy == nil && points.contains(mounts[$0].point) }
    while let next = queue.popLast() {
      guard found.insert(next).inserted else { continue }
      queue += mounts[next].layers.compactMap { place(holding: $0) }
    }
    return found
  }

  /// Indices of the mounts whose file system uses a device with this number or one of these names.
  func places(number: String, names: Set<String>) -> Set<Int> {
    var found = Set(byNumber[number] ?? [])
    for name in names { found.formUnion(bySource[name] ?? []) }
    return found
  }

  /// The host's mount that contains a path: the one with the longest mount point. If several have the same mount point,
  /// the last one hides the others.
  func place(holding path: String) -> Int? {
    var best: Int?
    var length = 0
    for (place, mount) in mounts.enumerated() where mount.seenBy == nil && mount.point.utf8.count >= length {
      guard mount.point == "/" || path == mount.point || path.hasPrefix(mount.point + "/") else { continue }
      best = place
      length = mount.point.utf8.count
    }
    return best
  }
}
