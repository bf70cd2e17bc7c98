import PCI

/// Is a run of ours left over?
struct InterruptedRuns: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    // What could not be read is told by what hostdev holds.
    if examination.ledgerTrouble != nil { return [] }
    if examination.interrupted.isEmpty {
      return [
        ReadinessCheck(.interrupted, .ok, "No run was interrupted.", evidence: ["/run/hostdev/journal"])
      ]
    }
    return examination.interrupted.map { run in
      ReadinessCheck(
        .interrupted, .error, on: run.functions,
        run.pending.map { "A write of an earlier '\(run.command)' has not returned: \($0)." }
          ?? "An earlier '\(run.command)' was interrupted.",
        evidence: [run.path],
        remedy: run.pending == nil ? "hostdev recover" : "hostdev status; when it has ended: hostdev recover")
    }
  }
}
