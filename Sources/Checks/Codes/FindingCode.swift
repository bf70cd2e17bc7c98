/// What a finding says, in a word; stable once released.
public enum FindingCode: String, Sendable, CaseIterable {
  // Isolation.
  case iommuOff = "iommu-off"
  case noGroup = "no-group"
  case groupBlocked = "group-blocked"
  case unknownGroup = "unknown-group"
  case notEndpoint = "not-endpoint"
  case reservedRegion = "reserved-region"
  case unknownReservedRegion = "unknown-reserved-region"
  case unsafeInterrupts = "unsafe-interrupts"
  case acsOverride = "acs-override"

  // The device, and how it is reset.
  case slotIncomplete = "slot-incomplete"
  case noReset = "no-reset"
  case unknownReset = "unknown-reset"
  case driverBound = "driver-bound"
  case splitCompanion = "split-companion"
  case dead
  case asleep = "d3cold"
  case fatalErrors = "aer-fatal"

  // What the host does with it.
  case rootStorage = "root-storage"
  case hostNetwork = "host-network"
  case hostDisplay = "host-display"
  case hostInput = "host-input"
  case hostConsole = "host-console"
  case heldOpen = "held-open"
  case hasData = "has-data"
  case unknownStorage = "unknown-storage"
  case unknownNetwork = "unknown-network"
  case unknownDisplay = "unknown-display"
  case unknownInput = "unknown-input"
  case unknownHolders = "unknown-holders"
  case unknownData = "unknown-data"
  case unknownNamespace = "unknown-namespace"

  // What guests do with it.
  case guestRunning = "guest-running"
  case guestData = "guest-data"
  case hasMediatedDevices = "has-mdevs"
  case confinedGuests = "lsm"

  // Physical and virtual functions.
  case hasVFs = "has-vfs"
  case vfWithoutPF = "vf-without-pf"
  case vfToken = "vf-token"
  case noSRIOV = "no-sriov"
  case tooManyVFs = "too-many-vfs"
  case noSRIOVDriver = "no-sriov-driver"
  case unknownSRIOV = "unknown-sriov"

  // Drivers and modules.
  case denylisted
  case driverMismatch = "driver-mismatch"
  case unknownDriver = "unknown-driver"
  case staleOverride = "stale-override"
  case moduleMissing = "module-missing"
  case moduleOptions = "module-options"
  case lockdown

  // Pins, holds and runs.
  case identityMismatch = "identity-mismatch"
  case unknownIdentity = "unknown-identity"
  case interrupted
  case undeclared
  case holdDrift = "hold-drift"
  case pinDrift = "pin-drift"
  case pinMalformed = "pin-malformed"
  case pinsOff = "pins-off"

  // What the next boot gets, and what other tools were told.
  case bootClaim = "boot-claim"
  case bootArgument = "boot-argument"
  case bootDrift = "boot-drift"
  case initramfsStale = "initramfs-stale"
  case rivalTools = "rival-tools"
  case unreadSettings = "unread-settings"
}

extension FindingCode: CustomStringConvertible, Comparable {
  public var description: String { rawValue }

  /// By their text, as lists of them are printed.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension FindingCode {
  /// A code that a set can have, for `--force` and a pin's `force`; nil where there is none of that name.
  public init?(ofSet text: String) {
    guard let code = Self(rawValue: text), code.explanation.subject != .host else { return nil }
    self = code
  }
}

extension FindingCode {
  /// Those that `--force` takes, if nothing of the finding itself speaks against it; sorted.
  public static var forceable: [FindingCode] {
    allCases.filter { $0.explanation.force != .never && $0.explanation.subject != .host }.sorted()
  }
}
