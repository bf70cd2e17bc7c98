/// All judgements on one host.
public enum Doctor {
  private static let judgements: [any Judgement] = [
    IOMMU(), InterruptRemapping(), ACSOverride(), Modules(), ModuleLines(), Lockdown(), BootClaims(), BootArguments(),
    BootDrift(), StaleOverrides(), Undeclared(), Holds(), InterruptedRuns(), PinsInPlace(), RivalTools(),
    InitramfsImages(),
    UnreadSettings(),
  ]

  /// Worst first, then as the judgements stand, then by address.
  public static func checks(of examination: Examination) -> [ReadinessCheck] {
    judgements.flatMap { $0.checks(of: examination) }.enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
  }
}

extension [ReadinessCheck] {
  /// Nothing is in the way of giving a device to a guest.
  public var isReady: Bool { !contains { $0.severity == .error } }
}
