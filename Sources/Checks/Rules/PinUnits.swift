import Settings

/// Does systemd apply the pins at the next boot? `hostdev.service` applies all of them, `hostdev@NAME.service` one.
struct PinUnits: HostRule {
  private static let service = "hostdev.service"
  private static let verifier = "hostdev-verify.service"
  private static let enabling = "systemctl enable \(service) \(verifier)"

  func findings(on examination: Examination) -> [Finding] {
    if examination.pinsTrouble != nil { return [] }
    let units = examination.settings.units
    let names = examination.pins.map(\.name)
    if names.isEmpty { return [Finding(.unitDisabled, .ok, message: "Nothing is pinned, so no unit is needed.")] }
    let own = names.map { units.state(of: "hostdev@\($0).service") }
    if own.allSatisfy({ if case .enabled = $0 { true } else { false } }) {
      return [Finding(.unitDisabled, .ok, message: "Every pin has a unit of its own that is enabled.")]
    }
    switch units.state(of: Self.service) {
    case .enabled(let link):
      // The capture may lack it.
      if units.files[Self.service] == nil, !examination.isCapture { return [notInstalled] }
      return [
        Finding(.unitDisabled, .ok, message: "\(Self.service) applies the pins at every boot.", evidence: ["\(link)"])
      ] + verification(units)
    case .untilReboot(let link):
      return [
        error(
          "\(Self.service) is enabled for this boot only: the next boot applies no pin.", [link],
          remedy: Self.enabling)
      ]
    case .disabled:
      return [
        error(
          "\(Self.service) is not enabled: no pin is applied at boot, unless the initramfs or udev does it.",
          [units.files[Self.service] ?? "", "/etc/systemd/system/*.wants: no \(Self.service)"],
          remedy: Self.enabling)
      ]
    case .masked(let path):
      return [
        error(
          "\(Self.service) is masked: no pin is applied at boot, unless the initramfs or udev does it.", [path],
          remedy: "systemctl unmask \(Self.service) && \(Self.enabling)")
      ]
    case .notInstalled: return [notInstalled]
    case .unknown:
      return [
        Finding(
          .unitDisabled, .unknown,
          message: examination.isCapture
            ? "Whether \(Self.service) is enabled is unknown: this capture does not contain /etc/systemd/system."
            : "Whether the next boot applies the pins is unknown: this host has no units of systemd.",
          evidence: ["/etc/systemd/system"],
          remedy: examination.isCapture
            ? Self.enabling : "Let the init of this host run, before any guest starts: hostdev apply --boot")
      ]
    }
  }

  private var notInstalled: Finding {
    error(
      "\(Self.service) is not installed: no pin is applied at boot.",
      BootUnits.folders.map { "\($0)/\(Self.service): not there" },
      remedy: "Install hostdev with its scripts/dist/install; then: \(Self.enabling)")
  }

  private func error(_ message: String, _ evidence: [String], remedy: String) -> Finding {
    Finding(.unitDisabled, .error, message: message, evidence: .plain(evidence.filter { !$0.isEmpty }), remedy: remedy)
  }

  /// Without it a pin that is refused at boot, since not all could be seen yet, is not tried again.
  private func verification(_ units: BootUnits) -> [Finding] {
    if case .enabled = units.state(of: Self.verifier) { return [] }
    if units.state(of: Self.verifier) == .unknown { return [] }
    return [
      Finding(
        .unitDisabled, .info,
        message: "\(Self.verifier) is not enabled: the pins are not checked again once the network is up.",
        evidence: ["/etc/systemd/system/*.wants: no \(Self.verifier)"], remedy: "systemctl enable \(Self.verifier)")
    ]
  }
}

extension FindingExplanation {
  static let unitDisabled = Self(
    meaning: "Something is pinned, and no unit that applies pins at boot is enabled.",
    harm: "The next boot leaves the functions with the host; guests that need them do not start.",
    remedyIdea: "Enable hostdev.service and hostdev-verify.service.",
    source: "/etc/systemd/system/*.wants and the other folders of units", subject: .host)
}
