import System

/// Processes that have a device open, and one of each mount namespace; their environment never.
func copyProcesses(_ copier: Copier) throws(SystemError) {
  var namespaces: Set<String> = []
  for process in copier.entries("/proc") where UInt32(process) != nil {
    let folder = "/proc/\(process)"
    // A process may end at any moment, and another's files are root's to read: neither is worth a word.
    let open = ((try? copier.source.entries("\(folder)/fd")) ?? []).compactMap { name in
      copier.linkTarget("\(folder)/fd/\(name)").flatMap { isDevice($0) ? (name, $0) : nil }
    }
    for (name, device) in open { try copier.literalLink("\(folder)/fd/\(name)", to: device) }
    var isFirst = false
    if let namespace = copier.linkTarget("\(folder)/ns/mnt") {
      isFirst = namespaces.insert(namespace).inserted
      if isFirst || !open.isEmpty { try copier.literalLink("\(folder)/ns/mnt", to: namespace) }
    }
    if isFirst || process == "1" { for name in ["mountinfo", "mounts"] { try copier.file("\(folder)/\(name)") } }
    guard isFirst || !open.isEmpty else { continue }
    for name in ["comm", "cmdline", "stat", "cgroup"] { try copier.file("\(folder)/\(name)") }
  }
}

/// A node that may stand for hardware; terminals, memory and randomness do not.
private func isDevice(_ path: String) -> Bool {
  guard path.hasPrefix("/dev/") else { return false }
  let name = path.dropFirst("/dev/".utf8.count)
  let plain: Set<Substring> = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "fuse", "kmsg"]
  return !plain.contains(name) && !["pts/", "shm/", "mqueue/", "hugepages"].contains { name.hasPrefix($0) }
}
