import Checks
import Operations

extension Rendering {
  /// What `doctor` says. `isVerbose`: of each check that is well, too.
  public init(_ readiness: Readiness, isVerbose: Bool, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        json.key("verdict")
        json.value(readiness.verdict.rawValue)
        json.key("checks")
        write(readiness.findings, to: &json, forceable: false)
      }
      return
    }
    let fine = readiness.findings.filter { $0.severity == .ok }
    let shown = isVerbose ? readiness.findings : readiness.findings.filter { $0.severity != .ok }
    text(FindingsText(format: format).text(shown))
    if !isVerbose, !fine.isEmpty {
      let count = fine.count == 1 ? "1 check is" : "\(fine.count) checks are"
      text("\(format.style.done) \(count) fine (--verbose shows them)\n")
    }
    text(verdict(readiness, format.style))
  }
}

private func verdict(_ readiness: Readiness, _ style: Style) -> String {
  switch readiness.verdict {
  case .ready: return style.good("ready") + "\n"
  case .unknown:
    // In the order in which they are told: what decides comes first.
    var codes: [String] = []
    for finding in readiness.findings where finding.severity == .unknown && !codes.contains(finding.code.rawValue) {
      codes.append(finding.code.rawValue)
    }
    return style.bold("unknown") + ": \(codes.joined(separator: ", "))\n"
  case .notReady:
    let errors = readiness.findings.filter { $0.severity == .error }
    let codes = Set(errors.map(\.code.rawValue)).sorted().joined(separator: ", ")
    return style.bold("not ready") + ": \(errors.count == 1 ? "1 error" : "\(errors.count) errors") (\(codes))\n"
  }
}
