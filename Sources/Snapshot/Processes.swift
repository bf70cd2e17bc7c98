import System

/// Processes that have a device open, and one of each mount namespace; their environment never.
///
/// Where a process's open files may not be looked at, its `fd` becomes a file: who reads the snapshot meets an error
/// there too, and does not take unseen for idle.
func copyProcesses(_ copier: Copier) throws(SystemError) -> Int {
  var namespaces: Set<String> = []
  var unseen = 0
  for process in copier.entries("/proc") where UInt32(process) != nil {
    let folder = "/proc/\(process)"
    var isTaken = process == "1"
    switch openDevices(copier.source, "\(folder)/fd") {
    case .gone: continue
    case .unseen:
      unseen += 1
      isTaken = true
      try copier.mark("\(folder)/fd")
    case .seen(let open):
      for (name, device) in open { try copier.literalLink("\(folder)/fd/\(name)", to: device) }
      if isTaken { try copier.folder("\(folder)/fd") }
      isTaken = isTaken || !open.isEmpty
    }
    if let namespace = copier.linkTarget("\(folder)/ns/mnt"), namespaces.insert(namespace).inserted {
      try copier.literalLink("\(folder)/ns/mnt", to: namespace)
      for name in ["mountinfo", "mounts"] { try copier.file("\(folder)/\(name)") }
      isTaken = true
    }
    guard isTaken else { continue }
    for name in ["comm", "cmdline", "stat", "cgroup"] { try copier.file("\(folder)/\(name)") }
  }
  return unseen
}

private enum OpenDevices {
  /// Number of the descriptor, and the node.
  case seen([(String, String)])
  case unseen
  /// A process may end at any moment.
  case gone
}

private func openDevices(_ source: Root, _ folder: String) -> OpenDevices {
  let names: [String]
  do { names = try source.entries(folder) } catch { return error.errno == .noEntry ? .gone : .unseen }
  return .seen(
    names.compactMap { name in
      (try? source.linkTarget("\(folder)/\(name)")).flatMap { isDevice($0) ? (name, $0) : nil }
    })
}

/// A node that may stand for hardware; terminals, memory and randomness do not.
private func isDevice(_ path: String) -> Bool {
  guard path.hasPrefix("/dev/") else { return false }
  let name = path.dropFirst("/dev/".utf8.count)
  let plain: Set<Substring> = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "fuse", "kmsg"]
  return !plain.contains(name) && !["pts/", "shm/", "mqueue/", "hugepages"].contains { name.hasPrefix($0) }
}
