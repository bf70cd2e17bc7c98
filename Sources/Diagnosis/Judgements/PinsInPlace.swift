import Host
import PCI

/// Is every pinned function where its pin wants it?
struct PinsInPlace: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    if let trouble = examination.pinsTrouble {
      return [
        ReadinessCheck(
          .pinMalformed, trouble.isUnread ? .unknown : .error,
          trouble.isUnread ? "The pins could not be read." : "No pin counts for anything.", evidence: [trouble.reason],
          remedy: "hostdev pins")
      ]
    }
    let found = examination.pins.compactMap(check)
    if !found.isEmpty { return found }
    return [
      ReadinessCheck(
        .pinDrift, .ok, on: examination.pins.flatMap(\.functions).sorted(),
        examination.pins.isEmpty ? "Nothing is pinned." : "Every pinned function is in place.",
        evidence: ["/etc/hostdev/pins.d"])
    ]
  }

  private func check(_ pin: DeclaredPin) -> ReadinessCheck? {
    let name = ShellWord.quoted(pin.name)
    switch pin.standing {
    case .inPlace: return nil
    case .drifted(let reason, let evidence):
      return ReadinessCheck(
        .pinDrift, .warning, on: pin.functions, "Pin \(pin.name): \(reason).", evidence: [pin.file] + evidence,
        remedy: "hostdev apply \(name)")
    case .absent(let reason, let evidence):
      return ReadinessCheck(
        .pinDrift, .warning, on: pin.functions, "Pin \(pin.name): \(reason).", evidence: [pin.file] + evidence,
        remedy: "hostdev list --all; if it is gone for good: hostdev unpin \(name)")
    case .refused(let reason, let evidence):
      return ReadinessCheck(
        .identityMismatch, .error, on: pin.functions,
        "Pin \(pin.name): \(reason). Nothing is done for it, and the host keeps the device.",
        evidence: [pin.file] + evidence, remedy: "hostdev pins \(name); then pin what is meant anew")
    case .malformed(let reason):
      return ReadinessCheck(
        .pinMalformed, .error, "Pin \(pin.name) counts for nothing: \(reason).", evidence: [pin.file],
        remedy: "hostdev pins \(name)")
    case .unknown(let reason):
      return ReadinessCheck(
        .pinDrift, .unknown, on: pin.functions, "Pin \(pin.name): \(reason).", evidence: [pin.file],
        remedy: "hostdev pins \(name)")
    }
  }
}
