import Host
import Sysfs

/// Which security module confines libvirt's guests, and what an administrator's rule denies them.
struct ConfinementReader {
  let sysfs: any Sysfs

  /// Profiles of AppArmor's that every guest of libvirt's has in its own.
  private static let guestProfiles = [
    "/etc/apparmor.d/abstractions/libvirt-qemu", "/etc/apparmor.d/local/abstractions/libvirt-qemu",
    "/etc/apparmor.d/libvirt/TEMPLATE.qemu",
  ]

  func read() -> [Confinement] {
    var found: [Confinement] = []
    if sysfs.fact("/sys/fs/selinux/enforce").value == "1" {
      found.append(Confinement(module: .selinux, evidence: "/sys/fs/selinux/enforce: 1", denies: []))
    }
    // `libvirtd (enforce)`, `libvirt-5a…//qemu_bridge_helper (enforce)`; without root the list is not shown.
    let profiles = "/sys/kernel/security/apparmor/profiles"
    let enforced = sysfs.lines(profiles).map(String.init).first {
      ["libvirtd", "virtqemud", "libvirt-"].contains(where: $0.hasPrefix) && $0.hasSuffix("(enforce)")
    }
    if let enforced {
      found.append(
        Confinement(
          module: .appArmor, evidence: "\(profiles): \(enforced)", denies: Self.guestProfiles.flatMap(denials)))
    }
    return found
  }

  /// `deny /dev/vfio/** rw,` with file and line.
  private func denials(_ path: String) -> [SourceLine] {
    let lines = (sysfs.fact(path).value ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
      let fields = words(line)
      guard fields.first?.hasPrefix("#") == false, let deny = fields.firstIndex(of: "deny"), deny <= 1,
        fields[(deny + 1)...].contains(where: { $0.hasPrefix("/dev/vfio") || $0.hasPrefix("/dev/**") })
      else { return nil }
      return SourceLine(path, index + 1, text: fields.joined(separator: " "))
    }
  }
}
