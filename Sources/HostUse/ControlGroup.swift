import Host
import Sysfs

/// The control group of a process, folder by folder, and what its names say of who started it.
struct ControlGroup {
  let parts: [Substring]

  /// `/proc/PID/cgroup`: the line of the unified hierarchy, else the first.
  init(_ lines: [Substring]) {
    let line = lines.first { $0.hasPrefix("0::") && $0 != "0::/" } ?? lines.first ?? ""
    parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last?.split(separator: "/") ?? []
  }

  /// `/user.slice/user-1000.slice/user@1000.service/…`: that user's own manager started it.
  var user: ForeignWord? {
    guard let manager, manager != parts.last(where: Self.isUnit) else { return nil }
    return ForeignWord(manager.dropFirst("user@".utf8.count).dropLast(".service".utf8.count))
  }

  private var manager: Substring? { parts.first { $0.hasPrefix("user@") && $0.hasSuffix(".service") } }

  /// The last part that is a unit: `redis.service`, `session-3.scope`.
  var unit: ForeignWord? { parts.last(where: Self.isUnit).map { ForeignWord($0) } }

  private static func isUnit(_ part: Substring) -> Bool { part.hasSuffix(".service") || part.hasSuffix(".scope") }

  /// libvirt's scope of a domain, by systemd's escaping: `machine-qemu\x2d3\x2dwin10.scope`.
  var domain: ForeignWord? { machine("machine-qemu-", isNumbered: true) }

  /// `machine-NAME.scope`, as systemd-machined makes one for whatever registers with it.
  var machine: ForeignWord? { parts.contains("machine.slice") ? machine("machine-", isNumbered: false) : nil }

  private func machine(_ prefix: String, isNumbered: Bool) -> ForeignWord? {
    for part in parts.reversed() where part.hasSuffix(".scope") {
      let plain = String(part.dropLast(".scope".utf8.count)).replacing("\\x2d", with: "-")
      guard plain.hasPrefix(prefix) else { continue }
      let named = plain.dropFirst(prefix.utf8.count)
      if !isNumbered { return ForeignWord(named) }
      guard let hyphen = named.firstIndex(of: "-"), named[..<hyphen].allSatisfy(\.isNumber) else { continue }
      return ForeignWord(named[named.index(after: hyphen)...])
    }
    return nil
  }

  /// Of its names one says which program runs it: `docker-4f….scope`, `/docker/4f…`, `libpod-4f….scope`,
  /// `lxc.payload.web`, `/lxc/105` of Proxmox.
  func container(_ sysfs: any Sysfs) -> Use.Container? {
    if let found = lxc(sysfs) { return found }
    if let name = parts.first(where: { $0.hasPrefix("systemd-nspawn@") && $0.hasSuffix(".service") }) {
      return Use.Container(ForeignWord(name.dropFirst("systemd-nspawn@".utf8.count).dropLast(8)), .machined)
    }
    for part in parts.reversed() {
      let plain = part.hasSuffix(".scope") ? part.dropLast(".scope".utf8.count) : part
      let digits = plain.suffix(64)
      guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else { continue }
      return Use.Container(
        ForeignWord(digits.prefix(12)), engine(plain.dropLast(64), runtime: plain), user: user)
    }
    return machine.map { Use.Container($0, .machined) }
  }

  private func engine(_ prefix: Substring, runtime: Substring) -> Use.Container.Manager {
    switch prefix {
    case "docker-": return .docker
    case "libpod-", "libpod-conmon-": return .podman
    case "crio-", "cri-containerd-": return .cri
    default: break
    }
    if parts.contains("docker") { return .docker }
    if parts.contains(where: { $0.hasPrefix("libpod_parent") }) { return .podman }
    return parts.contains { $0.hasPrefix("kubepods") } ? .cri : .unknown
  }

  private func lxc(_ sysfs: any Sysfs) -> Use.Container? {
    let prefix = "lxc.payload."
    if let part = parts.first(where: { $0.hasPrefix(prefix) }) {
      let name = ForeignWord(part.dropFirst(prefix.utf8.count))
      let manager: Use.Container.Manager =
        if sysfs.exists("/var/lib/incus") || sysfs.exists("/run/incus") {
          .incus
        } else if sysfs.exists("/var/snap/lxd")
          || sysfs.exists("/var/lib/lxd")
        { .lxd } else { .lxc }
      return Use.Container(name, manager)
    }
    guard let place = parts.firstIndex(of: "lxc"), place + 1 < parts.count else { return nil }
    let name = parts[place + 1]
    let isProxmox = name.allSatisfy(\.isNumber) && sysfs.exists("/etc/pve")
    return Use.Container(ForeignWord(name), isProxmox ? .proxmox : .lxc)
  }
}
