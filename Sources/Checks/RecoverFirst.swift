import PCI

extension [Finding] {
  /// While a run is interrupted, `hostdev recover` is the one remedy for its functions: it changes the state that the
  /// other findings stand for, and what those advise would be in its way.
  var recoveringFirst: Self {
    let runs = filter { $0.code == .interrupted && $0.severity == .error }
    if runs.isEmpty { return self }
    return map { finding in
      guard finding.code.isOfDriversNow, !finding.remedy.isEmpty,
        let run = runs.first(where: { !Set($0.functions).isDisjoint(with: finding.functions) })
      else { return finding }
      return finding.advising(run.remedy)
    }
  }
}

extension FindingCode {
  /// Drivers or overrides as they are decide it, and its remedy moves functions.
  fileprivate var isOfDriversNow: Bool {
    switch self {
    case .staleOverride, .undeclared, .holdDrift, .pinDrift, .groupBlocked, .slotIncomplete, .splitCompanion,
      .driverBound, .vfWithoutPF, .vfToken, .hasVFs, .noReset:
      true
    default: false
    }
  }
}
