import System

/// Processes that have a device open, and one of each mount namespace; their environment never.
///
/// If a process's open files may not be read, its `fd` becomes a file: a program that reads the snapshot gets an error
/// there too, and does not take unseen for idle.
func copyProcesses(_ copier: Copier) throws(SystemError) -> Int {
  var namespaces: Set<String> = []
  var networks: Set<String> = []
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
    if try copyMappings("\(folder)/maps", copier) { isTaken = true }
    if let namespace = copier.linkTarget("\(folder)/ns/mnt"), namespaces.insert(namespace).inserted {
      try copier.literalLink("\(folder)/ns/mnt", to: namespace)
      for name in ["mountinfo", "mounts"] { try copier.file("\(folder)/\(name)") }
      isTaken = true
    }
    if let namespace = copier.linkTarget("\(folder)/ns/net"), networks.insert(namespace).inserted {
      try copier.literalLink("\(folder)/ns/net", to: namespace)
      isTaken = true
    }
    guard isTaken else { continue }
    for name in ["comm", "cmdline", "stat", "cgroup"] { try copier.file("\(folder)/\(name)") }
  }
  return unseen
}

/// The lines of a process's `maps` that name a device; false if there are none.
private func copyMappings(_ path: String, _ copier: Copier) throws(SystemError) -> Bool {
  let lines = ((try? copier.source.read(path, limit: 1 << 24)) ?? []).split(separator: UInt8(ascii: "\n"))
    .filter { line in
      guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { return false }
      return isDevice(String(decoding: line[slash...], as: UTF8.self))
    }
  if lines.isEmpty { return false }
  try copier.text(path, String(decoding: Array(lines.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self) + "\n")
  return true
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
  // A driver in user space maps a function's memory without any node.
  if path.hasPrefix("/sys/devices/") { return true }
  guard path.hasPrefix("/dev/") else { return false }
  let name = path.dropFirst("/dev/".utf8.count)
  let plain: Set<Substring> = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "fuse", "kmsg"]
  return !plain.contains(name) && !["pts/", "shm/", "mqueue/"].contains { name.hasPrefix($0) }
}
