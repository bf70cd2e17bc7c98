import Host
import Sysfs

/// Network namespaces other than our own, by the processes in them.
struct NetworkNamespaces {
  /// `pid 812 (nginx, in docker-4f.scope)`: the first process of each.
  let others: [String]

  /// `processes`: the numeric folders of `/proc`.
  init(_ sysfs: any Sysfs, processes: [String]) {
    var seen: Set<String> = []
    if let own = try? sysfs.linkTarget("/proc/self/ns/net") { seen.insert(own) }
    if let host = try? sysfs.linkTarget("/proc/1/ns/net") { seen.insert(host) }
    var others: [String] = []
    for process in processes {
      guard let namespace = try? sysfs.linkTarget("/proc/\(process)/ns/net"), seen.insert(namespace).inserted,
        let user = Use.Process(sysfs, process)
      else { continue }
      others.append("pid \(user.pid) (\(user))")
    }
    self.others = others
  }
}
