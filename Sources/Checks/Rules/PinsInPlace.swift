import Host
import PCI

/// Is every pinned function where its pin wants it?
struct PinsInPlace: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    if let trouble = examination.pinsTrouble {
      return [
        Finding(
          .pinMalformed, trouble.isUnread ? .unknown : .error,
          message: trouble.isUnread ? "The pins could not be read." : "hostdev ignores all pins.",
          evidence: ["\(trouble.reason)"],
          remedy: "hostdev pins")
      ]
    }
    let found = examination.pins.compactMap(finding)
    if !found.isEmpty { return found }
    return [
      Finding(
        .pinDrift, .ok, on: examination.pins.flatMap(\.functions).sorted(),
        message: examination.pins.isEmpty ? "Nothing is pinned." : "Every pinned function is in place.",
        evidence: ["/etc/hostdev/pins.d"])
    ]
  }

  private func finding(_ pin: DeclaredPin) -> Finding? {
    let name = ShellWord.quoted(pin.name)
    switch pin.actual {
    case .inPlace: return nil
    case .drifted(let reason, let evidence):
      return Finding(
        .pinDrift, .warning, on: pin.functions, message: "Pin \(pin.name): \(reason).",
        evidence: .plain([pin.file] + evidence),
        remedy: "hostdev apply \(name)")
    case .absent(let reason, let evidence):
      return Finding(
        .pinDrift, .warning, on: pin.functions, message: "Pin \(pin.name): \(reason).",
        evidence: .plain([pin.file] + evidence) + pin.absence.map { Finding.Evidence($0.source) },
        remedy: (pin.absence.isEmpty
          ? "See: hostdev list --all" : pin.absence.map(\.advice).joined(separator: "; "))
          + "; if it is gone for good: hostdev unpin \(name)")
    case .refused(let reason, let evidence):
      return Finding(
        .identityMismatch, .error, on: pin.functions,
        message: "Pin \(pin.name): \(reason). hostdev does not apply it; the host keeps the device.",
        evidence: .plain([pin.file] + evidence),
        remedy: "See: hostdev pins \(name); then pin the right device again with --replace.")
    case .malformed(let reason):
      return Finding(
        .pinMalformed, .error, message: "hostdev ignores pin \(pin.name): \(reason).", evidence: ["\(pin.file)"],
        remedy: "hostdev pins \(name)")
    case .unknown(let reason):
      return Finding(
        .pinDrift, .unknown, on: pin.functions, message: "Pin \(pin.name): \(reason).", evidence: ["\(pin.file)"],
        remedy: "hostdev pins \(name)")
    }
  }
}
