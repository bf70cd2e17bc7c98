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
  /// Nil for the host's own namespace, else a process that sees it: `pid 812 (postgres)`.
  var seenBy: String?

  /// `proc(5)`: id parent major:minor root point options [tags] - type source super-options.
  init?(_ line: Substring) {
    let fields = words(line)
    guard let dash = fields.dropFirst(6).firstIndex(of: "-"), fields.count > dash + 2 else { return nil }
    number = fields[2]
    root = unescaped(fields[3])
    point = unescaped(fields[4])
    type = fields[dash + 1]
    source = unescaped(fields[dash + 2])
  }
}

/// The mounts of every mount namespace that can be seen.
struct MountTable: Sendable {
  private(set) var mounts: [Mount] = []
  /// No table could be read at all.
  private(set) var isUnknown = true

  /// `processes`: the numeric folders of `/proc`. A namespace is read once, by its `ns/mnt` link.
  init(_ sysfs: any Sysfs, processes: [String]) {
    var namespaces: Set<String> = []
    var seen: Set<String> = []
    for process in ["1", "self"] + processes {
      let namespace = try? sysfs.linkTarget("/proc/\(process)/ns/mnt")
      if let namespace, !namespaces.insert(namespace).inserted { continue }
      guard let text = sysfs.fact("/proc/\(process)/mountinfo").value else { continue }
      isUnknown = false
      let isOwn = process == "1" || process == "self"
      for line in textLines(text) {
        guard var mount = Mount(line), seen.insert("\(mount.number) \(mount.root) \(mount.point)").inserted else {
          continue
        }
        if !isOwn { mount.seenBy = "pid \(process) (\(sysfs.fact("/proc/\(process)/comm").value ?? "?"))" }
        mounts.append(mount)
      }
    }
  }

  /// The host's mount that a path stands on: of the longest mount points the last one, which hides the others.
  func mount(holding path: String) -> Mount? {
    var best: Mount?
    for mount in mounts where mount.seenBy == nil {
      let isAbove = mount.point == "/" || path == mount.point || path.hasPrefix(mount.point + "/")
      if isAbove, mount.point.utf8.count >= best?.point.utf8.count ?? 0 { best = mount }
    }
    return best
  }
}
