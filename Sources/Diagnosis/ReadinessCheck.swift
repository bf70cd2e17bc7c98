import Assessment
import PCI

/// One thing that decides whether a host is ready, looked at.
public struct ReadinessCheck: Sendable, Equatable {
  public enum Severity: String, Sendable, Comparable {
    case ok, info
    /// What decides could not be read.
    case unknown
    case warning, error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .info: 1
      case .unknown: 2
      case .warning: 3
      case .error: 4
      }
    }
  }

  /// What is looked for, whether it was found or not; that of `check`'s finding where there is one. Stable once released.
  public let code: ReadinessCode
  public let severity: Severity
  /// Which functions it concerns; none where it is the host.
  public let functions: [Address]
  public let message: String
  /// File and line, attribute and value.
  public let evidence: [String]
  /// What to do, as commands that can be pasted where there are some; empty where nothing is to be done.
  public let remedy: String

  public init(
    _ code: ReadinessCode, _ severity: Severity, on functions: [Address] = [], _ message: String,
    evidence: [String] = [], remedy: String = ""
  ) {
    self.code = code
    self.severity = severity
    self.functions = functions
    self.message = message
    self.evidence = evidence
    self.remedy = remedy
  }
}

/// What `doctor` looks for.
public enum ReadinessCode: String, Sendable, CaseIterable {
  // As findings of `check`.
  case iommuOff = "iommu-off"
  case unsafeInterrupts = "unsafe-interrupts"
  case acsOverride = "acs-override"
  case moduleMissing = "module-missing"
  case moduleOptions = "module-options"
  case lockdown
  case staleOverride = "stale-override"
  case interrupted
  case identityMismatch = "identity-mismatch"

  // What only a look at the whole host tells.
  /// A kernel argument gives devices away by their ids, so that equal ones go together.
  case bootClaim = "boot-claim"
  /// Any other kernel argument that has to do with it.
  case bootArgument = "boot-argument"
  /// The next boot will get other arguments than this one had.
  case bootDrift = "boot-drift"
  /// On a VFIO driver, and nothing says why.
  case undeclared
  /// Held, and no longer as it was left.
  case holdDrift = "hold-drift"
  /// Pinned, and not in place.
  case pinDrift = "pin-drift"
  /// A pin's file that says nothing, since it is malformed.
  case pinMalformed = "pin-malformed"
  /// `hostdev=off` on the kernel command line.
  case pinsOff = "pins-off"
  /// Two tools were told to drive one function.
  case rivalTools = "rival-tools"
  /// The initramfs that boots next has other pins than there are.
  case initramfsStale = "initramfs-stale"
  /// A file of settings that could not be read, or made no sense.
  case unreadSettings = "unread-settings"
}
