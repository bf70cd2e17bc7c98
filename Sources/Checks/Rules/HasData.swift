import Host

/// Data on a disk that is unused now: a partition table, a file system, a member of a volume group, array or pool.
/// That is no reason to refuse, but the user should know before a guest overwrites the data.
struct HasData: SetRule {
  private static let kinds: Set<Use.Kind> = [.signature, .partition]

  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { Self.kinds.contains($0.kind) && $0.isIdle }
      guard !uses.isEmpty else { return nil }
      let isCertain = !situation.isUnknown(.storage, of: function)
      return Finding(
        .hasData, .warning, on: [function.address],
        message:
          "\(function.address) has data on \(Self.names(uses)). "
          + (isCertain
            ? "The host does not use it now; a guest" : "Whether the host uses it could not be determined. A guest")
          + " can overwrite it.",
        evidence: uses.map(\.evidence),
        remedy:
          "lsblk -o NAME,FSTYPE,LABEL,UUID,MOUNTPOINTS \(Self.subjects(uses).map(ShellWord.quoted).joined(separator: " "))"
      )
    }
  }

  /// `/dev/nvme0n1p1 (LVM2_member), /dev/nvme0n1p2`: each once, with what is known of it.
  private static func names(_ uses: [Use]) -> String {
    let signed = Set(uses.filter { $0.kind == .signature }.map(\.subject))
    return uses.filter { $0.kind == .signature || !signed.contains($0.subject) }.map { use in
      use.kind == .signature ? "\(use.subject) (\(use.detail))" : use.subject
    }.joined(separator: ", ")
  }

  private static func subjects(_ uses: [Use]) -> [String] { Set(uses.map(\.subject)).sorted() }
}
