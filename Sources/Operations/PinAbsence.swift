import Checks
import Pins

/// A pin whose device does not exist, and that a setting of another tool is why.
struct PinAbsence {
  /// Nil if no such setting is known.
  let finding: Finding?

  init(_ pin: Pin, _ resolution: Resolution, by causes: [AbsenceCause]) {
    finding =
      causes.isEmpty
      ? nil
      : Finding(
        .pinDrift, .warning, on: resolution.concerned, message: "Pin \(pin.name): \(resolution.reason).",
        evidence: causes.map { Finding.Evidence($0.source) }, remedy: causes.map(\.advice).joined(separator: "; "))
  }
}
