// The catalogue: every code, its explanation, and every rule. A new finding is a case, a line of `explanation` and the
// name of its rule here; the rule and the text of the explanation in a file of its own; and a test.

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
  case removesFunctions = "removes-functions"

  // What the host does with it.
  case rootStorage = "root-storage"
  case hostNetwork = "host-network"
  case hostDisplay = "host-display"
  case hostInput = "host-input"
  case hostConsole = "host-console"
  case heldOpen = "held-open"
  case hostChipset = "host-chipset"
  case hostMemory = "host-memory"
  case hasData = "has-data"
  case unknownStorage = "unknown-storage"
  case unknownNetwork = "unknown-network"
  case unknownDisplay = "unknown-display"
  case unknownInput = "unknown-input"
  case unknownHolders = "unknown-holders"
  case unknownData = "unknown-data"
  case unknownMemory = "unknown-memory"
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
  case vendorVFIO = "vendor-vfio"
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
  case unitDisabled = "unit-disabled"

  // What the next boot gets, and what other tools were told.
  case bootClaim = "boot-claim"
  case bootArgument = "boot-argument"
  case bootDrift = "boot-drift"
  case initramfsStale = "initramfs-stale"
  case crashDump = "crash-dump"
  case rivalTools = "rival-tools"
  case unreadSettings = "unread-settings"
  case busRemoval = "bus-removal"
}

extension FindingCode: CustomStringConvertible, Comparable {
  public var description: String { rawValue }

  /// By their text, as lists of them are printed.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension FindingCode {
  /// A code that a set can have, for `--force` and a pin's `force`; nil if there is none of that name.
  public init?(ofSet text: String) {
    guard let code = Self(rawValue: text), code.explanation.subject != .host else { return nil }
    self = code
  }
}

extension FindingCode {
  /// No code is without one.
  public var explanation: FindingExplanation {
    switch self {
    case .iommuOff: .iommuOff
    case .noGroup: .noGroup
    case .groupBlocked: .groupBlocked
    case .unknownGroup: .unknownGroup
    case .notEndpoint: .notEndpoint
    case .reservedRegion: .reservedRegion
    case .unknownReservedRegion: .unknownReservedRegion
    case .unsafeInterrupts: .unsafeInterrupts
    case .acsOverride: .acsOverride
    case .slotIncomplete: .slotIncomplete
    case .noReset: .noReset
    case .unknownReset: .unknownReset
    case .driverBound: .driverBound
    case .splitCompanion: .splitCompanion
    case .dead: .dead
    case .asleep: .asleep
    case .fatalErrors: .fatalErrors
    case .removesFunctions: .removesFunctions
    case .rootStorage: .rootStorage
    case .hostNetwork: .hostNetwork
    case .hostDisplay: .hostDisplay
    case .hostInput: .hostInput
    case .hostConsole: .hostConsole
    case .heldOpen: .heldOpen
    case .hostChipset: .hostChipset
    case .hostMemory: .hostMemory
    case .hasData: .hasData
    case .unknownStorage: .unknownStorage
    case .unknownNetwork: .unknownNetwork
    case .unknownDisplay: .unknownDisplay
    case .unknownInput: .unknownInput
    case .unknownHolders: .unknownHolders
    case .unknownData: .unknownData
    case .unknownMemory: .unknownMemory
    case .unknownNamespace: .unknownNamespace
    case .guestRunning: .guestRunning
    case .guestData: .guestData
    case .hasMediatedDevices: .hasMediatedDevices
    case .confinedGuests: .confinedGuests
    case .hasVFs: .hasVFs
    case .vfWithoutPF: .vfWithoutPF
    case .vfToken: .vfToken
    case .noSRIOV: .noSRIOV
    case .tooManyVFs: .tooManyVFs
    case .noSRIOVDriver: .noSRIOVDriver
    case .unknownSRIOV: .unknownSRIOV
    case .denylisted: .denylisted
    case .driverMismatch: .driverMismatch
    case .vendorVFIO: .vendorVFIO
    case .unknownDriver: .unknownDriver
    case .staleOverride: .staleOverride
    case .moduleMissing: .moduleMissing
    case .moduleOptions: .moduleOptions
    case .lockdown: .lockdown
    case .identityMismatch: .identityMismatch
    case .unknownIdentity: .unknownIdentity
    case .interrupted: .interrupted
    case .undeclared: .undeclared
    case .holdDrift: .holdDrift
    case .pinDrift: .pinDrift
    case .pinMalformed: .pinMalformed
    case .pinsOff: .pinsOff
    case .unitDisabled: .unitDisabled
    case .bootClaim: .bootClaim
    case .bootArgument: .bootArgument
    case .bootDrift: .bootDrift
    case .initramfsStale: .initramfsStale
    case .crashDump: .crashDump
    case .rivalTools: .rivalTools
    case .unreadSettings: .unreadSettings
    case .busRemoval: .busRemoval
    }
  }
}

/// All rules that there are, in the order in which their findings are told.
enum Rules {
  static let ofSets: [any SetRule] = [
    InterruptedRun(), PinnedIdentity(), NotEndpoint(), Dead(), IOMMUOff(), GroupMembership(), GroupBlocked(),
    SlotIncomplete(), ReservedRegions(), RemovedFunctions(),
    HostStorage(), HasData(), HostNetwork(), HostDisplay(), HostInput(), HostConsole(), HostMemory(), HostChipset(),
    HeldOpen(), GuestRunning(),
    ForeignNamespace(),
    PFsAndVFs(), VirtualFunctionCount(), MediatedDevices(), SplitCompanion(), Denylisted(), DriverMismatch(),
    OwnDriver(), DriverBound(), VendorVFIO(),
    ResetReach(),
    GuestData(), UnknownUses(), NoReset(), Asleep(), StaleOverride(), Interrupts(), ACSOverride(), ModuleMissing(),
    ModuleOptions(), Lockdown(), ConfinedGuests(), FatalErrors(),
  ]

  static let ofHosts: [any HostRule] = [
    IOMMUOff(), Interrupts(), ACSOverride(), ModuleMissing(), ModuleOptions(), Lockdown(), BootClaims(),
    BootArguments(), BootDrift(), OwnDriver(), StaleOverride(), Undeclared(), Holds(), InterruptedRun(),
    PinsInPlace(), PinUnits(), ClaimedUses(), OverridesWithoutEffect(), RivalTools(), BusRemovals(), StaleInitramfs(),
    CrashDumps(),
    UnreadSettings(),
  ]

  /// What has to be well for the next boot to apply the pins.
  static let ofNextBoot: [any HostRule] = [PinUnits(), StaleInitramfs()]
}
