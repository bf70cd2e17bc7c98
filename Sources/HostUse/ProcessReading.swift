import Host
import Sysfs

extension Use.Process {
  /// Of a folder of `/proc` by its name; nil if that is not a number.
  init?(_ sysfs: any Sysfs, _ process: String) {
    guard let pid = UInt32(process) else { return nil }
    let folder = "/proc/\(process)"
    let arguments = ((try? sysfs.read("\(folder)/cmdline")) ?? []).split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
    var command = sysfs.fact("\(folder)/comm").value ?? ""
    if command.isEmpty { command = arguments.first.map(lastName) ?? "unknown command" }
    let owner = Self.owner(sysfs.lines("\(folder)/cgroup"))
    if let guest = Self.guest(arguments) ?? owner.flatMap(Self.domain) {
      self.init(pid, command: command, owner: .guest(guest))
    } else {
      self.init(pid, command: command, owner: owner)
    }
  }

  /// QEMU's `-name guest=win10,debug-threads=on`, or `-name win10`.
  private static func guest(_ arguments: [String]) -> String? {
    guard let place = arguments.firstIndex(where: { $0 == "-name" || $0 == "--name" }), place + 1 < arguments.count,
      arguments.first?.contains("qemu") == true || arguments.first?.contains("kvm") == true
    else { return nil }
    let options = arguments[place + 1].split(separator: ",")
    let named = options.first { $0.hasPrefix("guest=") }.map { $0.dropFirst(6) }
    return (named ?? options.first).map(String.init)
  }

  /// The unit or container scope: last part of the cgroup that says so; a container without a scope of systemd's
  /// (`/docker/4f…`) goes by the start of its 64 digits. `pipewire.service` of user 1000 is one of that user's own
  /// manager (`/user.slice/user-1000.slice/user@1000.service/session.slice/pipewire.service`).
  private static func owner(_ lines: [Substring]) -> Owner? {
    guard let line = lines.first(where: { $0.hasPrefix("0::") && $0 != "0::/" }) ?? lines.first else { return nil }
    let parts = line.split(separator: "/")
    if let container = parts.last(where: { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) }) {
      return .container(String(container.prefix(12)))
    }
    guard let unit = parts.last(where: { $0.hasSuffix(".service") || $0.hasSuffix(".scope") }) else { return nil }
    let manager = parts.first { $0.hasPrefix("user@") && $0.hasSuffix(".service") }
    guard let manager, manager != unit else { return .unit(String(unit), user: nil) }
    let user = manager.dropFirst("user@".utf8.count).dropLast(".service".utf8.count)
    return .unit(String(unit), user: String(user))
  }

  /// libvirt's scope of a domain: `machine-qemu\x2d3\x2dwin10.scope`, by systemd's escaping.
  private static func domain(_ owner: Owner) -> String? {
    guard case .unit(let scope, user: nil) = owner else { return nil }
    let plain = scope.replacing("\\x2d", with: "-")
    guard plain.hasPrefix("machine-qemu-"), plain.hasSuffix(".scope") else { return nil }
    let named = plain.dropFirst("machine-qemu-".utf8.count).dropLast(".scope".utf8.count)
    guard let hyphen = named.firstIndex(of: "-"), named[..<hyphen].allSatisfy(\.isNumber) else { return nil }
    return String(named[named.index(after: hyphen)...])
  }
}
