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
          ? "\(confinement.module.rawValue) is told to deny guests the device files of VFIO: the guest will not start, with EACCES on /dev/vfio."
          : "\(confinement.module.rawValue) confines libvirt's guests. libvirt lets each have its own devices; a guest that was started otherwise, or with labels of its own, may get EACCES on /dev/vfio.",
        evidence: ["\(confinement.evidence)"] + confinement.denies.map { Finding.Evidence($0) },
        remedy: isDenied
          ? confinement.denies.map(Self.commentOut).joined(separator: "; ")
          : confinement.module == .selinux
            ? "If a guest is refused: ausearch -m avc -ts recent; ls -Z /dev/vfio"
            : "If a guest is refused: journalctl -k --grep 'apparmor=\"DENIED\".*vfio'")
    }
  }

  private static func commentOut(_ denial: SourceLine) -> String {
    "sed -i '\(denial.line ?? 1)s/^/#/' \(denial.file) && systemctl reload apparmor"
  }
}
