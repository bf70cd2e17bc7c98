extension Use {
  /// What the host keeps of something that uses several functions if it loses one of them: the use itself does not end.
  public struct Remainder: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// Of a disk that the function reaches: device mapper's multipath, or NVMe's own.
      case path
      /// Of an md array with redundancy.
      case member
      /// Of a bond or a team.
      case port
    }

    public let kind: Kind
    /// What uses several: `mpatha`, `md0`, `bond0`, a disk of NVMe's.
    public let name: String
    /// By what it goes on: `sdc`, `nvme1`, `enp2s0f0`.
    public let by: [String]
    /// What of it the function has: `sdb`, `nvme0`, `enp1s0f0`.
    public let lost: String

    public init(_ kind: Kind, of name: String, by: [String], lost: String) {
      self.kind = kind
      self.name = name
      self.by = by
      self.lost = lost
    }
  }
}
