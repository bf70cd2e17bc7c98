import Host

/// Disks of the host: the kernel lets the driver under a mounted file system be unbound.
struct HostStorage: Rule {
  static let kinds: Set<Use.Kind> = [.block, .partition, .holder, .mount, .swap, .fstab, .signature, .pool]

  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) }
      guard !uses.isEmpty else { return nil }
      let isVital = uses.contains(where: \.isVital)
      let worst =
        uses.first { $0.detail == "/" } ?? uses.first(where: \.isVital) ?? uses.first { $0.kind == .mount } ?? uses.last
        ?? uses[0]
      let what =
        worst.kind == .block || worst.kind == .partition
        ? "the host's disk \(worst.subject)" : "\(worst.subject) (\(worst.kind.rawValue) \(worst.detail))"
      return Finding(
        "root-storage", .error, [function.address],
        message:
          "\(what) stands on \(function.address); it would vanish under the host the moment the driver is unbound.",
        evidence: uses.map(\.line),
        remedy: isVital
          ? "The host runs from it: give the guest another disk."
          : "Stop using it (umount, swapoff, vgchange -an, mdadm --stop, and its line in /etc/fstab), or if its data may go: --force=root-storage",
        isForceable: !isVital)
    }
  }
}

extension Use {
  /// `0000:02:00.0 → nvme0 → nvme0n1 → nvme0n1p2: mount /`.
  var line: String { "\(chain.joined(separator: " → ")): \(kind.rawValue)\(detail.isEmpty ? "" : " \(detail)")" }
}
