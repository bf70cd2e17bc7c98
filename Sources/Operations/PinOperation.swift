import Assessment
import Pins
import Report
import System

extension Workspace {
  /// The pin of a set as it is now, with what was found on this day.
  func declaration(
    _ name: String, of set: AssessedSet, description: String? = nil, driver: String, match: Pin.Match = .path,
    follow: Bool = false, vpd: Bool = false, forced: Set<String>, virtuals: PinnedVirtuals? = nil
  ) -> Pin {
    let evidence = PinEvidence(
      at: Clock.text(Clock.seconds),
      findings: set.assessment.findings.map {
        PinnedFinding(
          code: $0.code, severity: $0.severity.rawValue, functions: $0.functions, message: $0.message,
          evidence: $0.evidence)
      })
    // What was overruled today must be at every boot, or the pin would never be in place.
    let overruled = set.assessment.findings.filter { $0.severity == .error && $0.isForceable }.map(\.code)
    return Pin(
      name: name, description: description, driver: driver, match: match, follow: follow,
      forced: forced.intersection(overruled).sorted(), virtuals: virtuals,
      functions: declarations(set.functions, vpd: vpd),
      evidence: evidence)
  }
}
