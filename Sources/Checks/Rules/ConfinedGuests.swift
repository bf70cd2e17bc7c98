import Host

/// A security module stands between libvirt's guest and the device file: the host lets the function go, and the guest
/// may not open it.
struct ConfinedGuests: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard !situation.candidates.isEmpty else { return [] }
    return situation.surroundings.confinements.map { confinement in
      let isDenied = !confinement.denies.isEmpty
      return Finding(
        .confinedGuests, isDenied ? .warning : .info, on: situation.set,
        message: isDenied
          ? "A rule of \(confinement.module.rawValue) denies guests the VFIO device files: the guest does not start (EACCES on /dev/vfio)."
          : "\(confinement.module.rawValue) confines guests. libvirt allows each guest its own devices. A guest that libvirt did not start, or that has its own labels, may get EACCES on /dev/vfio.",
        evidence: ["\(confinement.evidence)"] + confinement.denies.map { Finding.Evidence($0) },
        remedy: isDenied
          ? confinement.denies.map(Self.commentOut).joined(separator: "; ")
          : confinement.module == .selinux
            ? "If a guest gets EACCES: ausearch -m avc -ts recent; ls -Z /dev/vfio"
            : "If a guest gets EACCES: journalctl -k --grep 'apparmor=\"DENIED\".*vfio'")
    }
  }

  private static func commentOut(_ denial: SourceLine) -> String {
    "sed -i '\(denial.line ?? 1)s/^/#/' \(denial.file) && systemctl reload apparmor"
  }
}
