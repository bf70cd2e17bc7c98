import Host
import Sysfs

/// Which guest a process runs, and which program manages it: from QEMU's arguments and the process's control group.
///
/// The arguments are the process's own word, so that a name is only data.
struct GuestReading {
  private let sysfs: any Sysfs
  private let arguments: [String]
  private let group: ControlGroup

  init(_ sysfs: any Sysfs, _ arguments: [String], in group: ControlGroup) {
    self.sysfs = sysfs
    self.arguments = arguments
    self.group = group
  }

  /// Nil if it is no virtual machine that is known by a name or a number.
  var guest: Use.Guest? {
    let named = named
    if let machine = proxmox {
      return Use.Guest(named?.name ?? ForeignWord(machine), .proxmox(machine: ForeignWord(machine)))
    }
    if let name = named?.name {
      if let manager = instance(name) ?? pod(name) { return manager }
      if isLibvirt { return Use.Guest(name, .libvirt(user: session)) }
      if arguments.contains(where: { $0.contains("/ganeti/") }) { return Use.Guest(name, .ganeti) }
      if group.domain == nil, let machine = group.machine { return Use.Guest(machine, .machined) }
      if named?.isGuest == true, service == nil { return Use.Guest(name, .libvirt(user: nil)) }
      return Use.Guest(name, .none(unit: service, user: service == nil ? nil : group.user))
    }
    return group.domain.map { Use.Guest($0, .libvirt(user: nil)) }
  }

  private var isQEMU: Bool { arguments.first.map { $0.contains("qemu") || $0.contains("kvm") } ?? false }

  /// `-name guest=win10,debug-threads=on`, or `-name win10`; two commas stand for one. libvirt writes `guest=`.
  private var named: (name: ForeignWord, isGuest: Bool)? {
    guard isQEMU, let text = argument("name") else { return nil }
    let options = text.replacing(",,", with: "\0").split(separator: ",").map { $0.replacing("\0", with: ",") }
    if let name = options.first(where: { $0.hasPrefix("guest=") }) { return (ForeignWord(name.dropFirst(6)), true) }
    return options.first.map { (ForeignWord($0), false) }
  }

  private func argument(_ key: String) -> String? {
    guard let place = arguments.firstIndex(where: { $0 == "-\(key)" || $0 == "--\(key)" }) else { return nil }
    return place + 1 < arguments.count ? arguments[place + 1] : nil
  }

  /// Proxmox's QEMU has an argument `-id` of its own, and a scope by it: `/qemu.slice/104.scope`.
  private var proxmox: String? {
    if let place = group.parts.firstIndex(of: "qemu.slice"), place + 1 < group.parts.count {
      let number = group.parts[place + 1].dropLast(".scope".utf8.count)
      if !number.isEmpty, number.allSatisfy(\.isNumber) { return String(number) }
    }
    guard isQEMU, let number = argument("id"), !number.isEmpty, number.allSatisfy(\.isNumber) else { return nil }
    return number
  }

  private var isLibvirt: Bool {
    group.domain != nil || arguments.contains { $0.contains("/libvirt/qemu/") || $0.contains("/libvirt/swtpm/") }
  }

  /// A user's own daemon keeps its files in the user's folders.
  private var session: ForeignWord? {
    let isSession = arguments.contains { argument in
      ["/.config/libvirt/", "/.local/share/libvirt/", "/.cache/libvirt/"].contains(where: argument.contains)
    }
    return isSession ? group.user ?? ForeignWord("USER") : nil
  }

  /// Incus and LXD keep a folder for each instance, in which the project stands before the name unless it is the default.
  private func instance(_ name: ForeignWord) -> Use.Guest? {
    for argument in arguments {
      let parts = argument.split { "/,=".contains($0) }
      guard let place = parts.firstIndex(where: { $0 == "incus" || $0 == "lxd" }) else { continue }
      let folder = parts[place...].first { $0 == name.shown || $0.hasSuffix("_\(name.shown)") }
      guard let folder else { continue }
      let project = folder.count == name.shown.count ? nil : ForeignWord(folder.dropLast(name.shown.count + 1))
      return Use.Guest(name, parts[place] == "incus" ? .incus(project: project) : .lxd(project: project))
    }
    return nil
  }

  /// KubeVirt runs libvirt in a pod, and calls the domain `NAMESPACE_NAME`.
  private func pod(_ name: ForeignWord) -> Use.Guest? {
    guard group.parts.contains(where: { $0.hasPrefix("kubepods") }) else { return nil }
    let parts = name.shown.split(separator: "_", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    return Use.Guest(ForeignWord(parts[1]), .kubevirt(namespace: ForeignWord(parts[0])))
  }

  /// The service that it is the process of, such as `qemu@win10.service`.
  private var service: ForeignWord? {
    group.unit.flatMap { $0.shown.hasSuffix(".service") && !$0.shown.hasPrefix("user@") ? $0 : nil }
  }
}
