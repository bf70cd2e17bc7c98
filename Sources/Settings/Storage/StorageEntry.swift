import Host

/// A device that the host is told to use.
public struct StorageEntry: Sendable {
  public enum Origin: Sendable {
    /// `fstab(5)`, or a mount unit of systemd's.
    case fstab
    /// `crypttab(5)`.
    case crypttab
    /// An array of `mdadm.conf(5)`.
    case array
    /// The device from which Debian's initramfs resumes a host that was suspended to disk.
    case resume
    /// An argument on the kernel's command line.
    case kernelArgument
  }

  public let origin: Origin
  /// A path, or a tag such as `UUID=…`, without quotes.
  public let device: String
  /// Mount point; `swap`; empty for what is neither.
  public let point: String
  /// `/srv`, `home in crypttab`, `root=UUID=…`.
  public let what: String
  public let source: SourceLine
  /// `/etc/fstab:5`.
  public var place: String { source.place }
  /// Not needed at boot: `noauto`.
  public let isOnDemand: Bool

  init(
    _ origin: Origin, _ device: String, point: String = "", what: String, source: SourceLine, isOnDemand: Bool = false
  ) {
    self.origin = origin
    self.device = device
    self.point = point
    self.what = what
    self.source = source
    self.isOnDemand = isOnDemand
  }
}
