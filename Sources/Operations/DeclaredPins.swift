import Checks
import Host
import Pins

extension Workspace {
  /// Every pin against the host, as `doctor` and `import` look at them; and why the folder as a whole says nothing.
  func declaredPins() -> (pins: [DeclaredPin], trouble: PinsTrouble?) {
    let listing = pinFolder.all()
    guard listing.isFolderUsable else {
      return (
        [],
        listing.errors.first.map { error in
          var isUnread = false
          if case .cannotRead = error { isUnread = true }
          return PinsTrouble(reason: Diagnostic(error).line, isUnread: isUnread)
        }
      )
    }
    let broken = listing.errors.flatMap { error in
      error.names.map { name in
        DeclaredPin(
          name: name, file: PinFolder.file(name), functions: [], driver: VFIODriver.generic,
          actual: .malformed(reason: Diagnostic(error).line))
      }
    }
    let found = zip(listing.pins, resolve(listing.pins)).map { PinStatus($0, $1, on: self) }.map { status in
      var declared = status.declared
      declared.absence = status.absence
      return declared
    }
    return ((broken + found).sorted { $0.name < $1.name }, nil)
  }
}

extension PinStatus {
  /// As far as another room has to know of it.
  fileprivate var declared: DeclaredPin {
    if let declared = pin.virtuals {
      // The physical one stays with the host; those that are for guests are what is claimed.
      let theirs = declared.driver == nil ? [] : virtuals?.functions.compactMap { $0.function?.address } ?? []
      return DeclaredPin(
        name: pin.name, file: PinFolder.file(pin.name), functions: theirs,
        driver: virtuals?.functions.lazy.compactMap(\.wanted).first ?? VFIODriver.generic, actual: actual,
        virtuals: functions.first.map {
          DeclaredPin.Virtuals(of: $0.address, count: declared.count, isBound: declared.driver != nil)
        }, forced: Set(pin.forced))
    }
    return DeclaredPin(
      name: pin.name, file: PinFolder.file(pin.name), functions: functions.map(\.address),
      driver: pin.driver == "auto" ? wanted.first ?? VFIODriver.generic : pin.driver, actual: actual,
      forced: Set(pin.forced))
  }

  private var actual: DeclaredPin.ActualState {
    switch resolution.status {
    case .absent: return .absent(reason: resolution.reason, evidence: resolution.evidence)
    case .ambiguous, .mismatch: return .refused(reason: resolution.reason, evidence: resolution.evidence)
    case .unverified where !isInPlace: return .unknown(reason: resolution.reason)
    case .inPlace, .renumbered, .moved, .unverified: break
    }
    if isInPlace { return .inPlace }
    if let virtuals, let physical = functions.first {
      let wrong = virtuals.functions.compactMap { one in one.trouble.map { "VF \(one.index): \($0)" } }
      return .drifted(
        reason: ([virtuals.trouble.map { "\(physical.address) \($0)" }].compactMap { $0 } + wrong).joined(
          separator: "; "),
        evidence: ["/sys/bus/pci/devices/\(physical.address)/sriov_numvfs: \(virtuals.present.map { "\($0)" } ?? "?")"])
    }
    let elsewhere = zip(functions, wanted).filter { $0.driver.value != $1 }
    if elsewhere.contains(where: { $0.0.driver.isUnknown }) { return .unknown(reason: "a driver could not be read") }
    return .drifted(
      reason: elsewhere.map { "\($0.address) is not on \($1)" }.joined(separator: ", "),
      evidence: elsewhere.map {
        "/sys/bus/pci/devices/\($0.0.address)/driver: \($0.0.driver.isUnknown ? "?" : $0.0.driver.value ?? "-")"
      })
  }
}
