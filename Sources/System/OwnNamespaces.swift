import Glibc

/// Whether we are in the namespaces of the host's init, so that what the host does can be seen.
public struct OwnNamespaces: Sendable {
  /// What is not the host's own, with the path that says so.
  public let doubt: String?

  /// Below `root`, which has the `/proc` that is looked at.
  public init(_ root: Root) {
    doubt = Self.first(root) ?? Self.network(root) ?? Self.files(root)
  }

  /// The first pid and user namespaces have numbers that no other one gets (`PROC_PID_INIT_INO`, `PROC_USER_INIT_INO`
  /// of the kernel's proc_ns.h).
  private static func first(_ root: Root) -> String? {
    for (kind, number) in [("pid", 4_026_531_836), ("user", 4_026_531_837)] {
      let path = "/proc/self/ns/\(kind)"
      guard let link = try? root.linkTarget(path) else { return "\(path): unreadable" }
      if link != "\(kind):[\(number)]" { return "\(path): \(link), the host's is \(kind):[\(number)]" }
    }
    return nil
  }

  /// The host's network namespace is by definition that of pid 1. A kernel without network namespaces shows no link. A
  /// user who is not root sees neither pid 1's link nor other users' open files.
  private static func network(_ root: Root) -> String? {
    let path = "/proc/self/ns/net"
    guard let own = try? root.linkTarget(path), let host = try? root.linkTarget("/proc/1/ns/net"), own != host else {
      return nil
    }
    return "\(path): \(own), the host's is \(host)"
  }

  /// A mount namespace of our own sees the host's file systems too (a unit with PrivateTmp); another root directory, a
  /// container's, has another `/etc` and `/run`.
  private static func files(_ root: Root) -> String? {
    var own = stat()
    var host = stat()
    let path = root.path == "/" ? "/" : root.path + "/"
    guard stat(path, &own) == 0, stat("\(path)proc/1/root/", &host) == 0,
      own.st_dev != host.st_dev || own.st_ino != host.st_ino
    else { return nil }
    return "/: not the root directory of pid 1"
  }
}
