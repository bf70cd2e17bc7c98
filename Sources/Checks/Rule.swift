/// One rule: what it looks at, and what it finds. Pure, so that `check`, `bind` and `doctor` cannot disagree.
///
/// A rule that looks at sets and at the host as a whole is one type, in one file.
protocol Rule: Sendable {}

/// Looks at a set: may what is asked for be done with it?
protocol SetRule: Rule {
  func findings(in situation: Situation) -> [Finding]
}

/// Looks at the host as a whole, and says of what is well that it is.
protocol HostRule: Rule {
  func findings(on examination: Examination) -> [Finding]
}

/// All rules that there are, in the order in which their findings are told.
enum Rules {
  static let ofSets: [any SetRule] = [
    InterruptedRun(), PinnedIdentity(), NotEndpoint(), Dead(), IOMMUOff(), GroupMembership(), GroupBlocked(),
    SlotIncomplete(), ReservedRegions(),
    HostStorage(), HasData(), HostNetwork(), HostDisplay(), HostInput(), HostConsole(), HeldOpen(), GuestRunning(),
    ForeignNamespace(),
    PFsAndVFs(), VirtualFunctionCount(), MediatedDevices(), SplitCompanion(), Denylisted(), DriverMismatch(),
    OwnDriver(), DriverBound(),
    ResetReach(),
    GuestData(), UnknownUses(), NoReset(), Asleep(), StaleOverride(), Interrupts(), ACSOverride(), ModuleMissing(),
    ModuleOptions(), Lockdown(), ConfinedGuests(), FatalErrors(),
  ]

  static let ofHosts: [any HostRule] = [
    IOMMUOff(), Interrupts(), ACSOverride(), ModuleMissing(), ModuleOptions(), Lockdown(), BootClaims(),
    BootArguments(), BootDrift(), OwnDriver(), StaleOverride(), Undeclared(), Holds(), InterruptedRun(),
    PinsInPlace(),
    RivalTools(), StaleInitramfs(), UnreadSettings(),
  ]
}

extension [Finding] {
  /// In the order of severity, then as they stand.
  var worstFirst: Self {
    enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
  }
}
