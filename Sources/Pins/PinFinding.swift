import Checks
import PCI

extension Resolution {
  /// A finding about a pin's identity; nil if its functions were identified, or are absent.
  ///
  /// `isRehearsal`: nothing can be harmed, so what could not be read is a warning.
  public func finding(_ pin: Pin, isRehearsal: Bool) -> Finding? {
    switch status {
    case .inPlace, .renumbered, .moved, .absent: nil
    case .unverified:
      Finding(
        .unknownIdentity, isRehearsal ? .warning : .error, on: concerned,
        message: "Whether this is the device of pin \(pin.name) could not be verified: \(reason).", evidence: seen,
        remedy: "hostdev show --wake \(concerned.map(\.description).joined(separator: " "))")
    case .ambiguous, .mismatch:
      Finding(
        .identityMismatch, .error, on: concerned,
        message: "Pin \(pin.name) does not match the host: \(reason). hostdev leaves the device on the host.",
        evidence: seen + ["\(PinFolder.file(pin.name)): \(pin.functions.map(\.declared).joined(separator: ", "))"],
        remedy:
          "See: hostdev pins \(pin.name); if the device that is there now is right, pin it again with --replace.")
    }
  }
}

extension Resolution {
  private var seen: [Finding.Evidence] { evidence.map { Finding.Evidence(value: $0) } }
}

extension PinnedFunction {
  /// `0000:01:00.0 10ee:5000 at 0000:00/01.0/00.0`.
  var declared: String { "\(address) \(id)" + (path.map { " at \($0)" } ?? "") }
}
