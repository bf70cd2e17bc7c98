import Checks

extension Invocation {
  /// Tells what `--force` named and did not overrule. `findings`: all that there are.
  func noteForce(among findings: [Finding]) {
    for code in forced.sorted() {
      let found = findings.filter { $0.code == code }
      if let reason = code.reasonNotOverruled(found) { report(.note("--force=\(code): \(reason)")) }
    }
  }
}

extension FindingCode {
  /// Why `--force` with this code overrules nothing, or not all; nil if it does. `found`: findings of this code.
  fileprivate func reasonNotOverruled(_ found: [Finding]) -> String? {
    let errors = found.filter { $0.severity == .error }
    if errors.contains(where: { !$0.isForceable }) {
      if case .unless(let exception) = explanation.force { return "it cannot be overruled if \(exception)" }
      return "it cannot be overruled"
    }
    if !errors.isEmpty { return nil }
    if !found.isEmpty { return "it is only a warning here, so there is nothing to overrule" }
    return explanation.force == .never
      ? "it was not found, and could not be overruled" : "it was not found, so there is nothing to overrule"
  }
}
