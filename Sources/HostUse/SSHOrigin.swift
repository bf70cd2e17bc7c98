import Sysfs

/// The SSH connection that the command was typed through.
struct SSHOrigin: Sendable {
  let server: NetworkAddress
  let client: NetworkAddress
  /// The interface of a link-local connection: `enp2s0` of `fe80::1%enp2s0`, as sshd writes either end.
  let zone: String?

  /// SSH_CONNECTION: client, its port, server, its port.
  init?(_ connection: String?) {
    let fields = words(connection ?? "")
    guard fields.count == 4, let client = NetworkAddress(fields[0]), let server = NetworkAddress(fields[2]) else {
      return nil
    }
    self.server = server
    self.client = client
    zone = [fields[2], fields[0]].compactMap { $0.firstIndex(of: "%").map($0.suffix(from:)) }.first
      .map { String($0.dropFirst()) }
  }

  /// From the environment of the processes above this one: sudo and su do not pass it on.
  static func ofAncestors(_ sysfs: any Sysfs) -> SSHOrigin? {
    let key = Array("SSH_CONNECTION=".utf8)
    var process = "self"
    for _ in 0..<32 {
      let variables = ((try? sysfs.read("/proc/\(process)/environ")) ?? []).split(separator: 0)
      if let found = variables.first(where: { $0.starts(with: key) }) {
        return SSHOrigin(String(decoding: found.dropFirst(key.count), as: UTF8.self))
      }
      // `pid (command) state parent …`: the command may hold blanks and brackets.
      guard let stat = sysfs.fact("/proc/\(process)/stat").value, let end = stat.lastIndex(of: ")") else { return nil }
      let fields = words(stat[stat.index(after: end)...])
      guard fields.count > 1, fields[1] != "0", fields[1] != "1" else { return nil }
      process = fields[1]
    }
    return nil
  }
}
