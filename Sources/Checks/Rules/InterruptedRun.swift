import PCI

/// An earlier run was interrupted and has a say in the set: first that is brought to an end.
struct InterruptedRun: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.interrupted.map { run in
      let names = run.functions.map(\.description).joined(separator: " ")
      return Self.finding(
        run,
        message: run.pending.map { "A write of an earlier '\(run.command)' to \(names) has not returned: \($0)." }
          ?? "An earlier '\(run.command)' was interrupted; it affects \(names).")
    }
  }

  private static func finding(_ run: Interrupted, message: String) -> Finding {
    Finding(
      .interrupted, .error, on: run.functions, message: message, evidence: ["\(run.path)"],
      remedy: run.pending == nil ? "hostdev recover" : "See: hostdev status; once the write has ended: hostdev recover")
  }
}

/// Is a run of ours left over?
extension InterruptedRun: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    // What could not be read is told by what hostdev holds.
    if examination.recordsTrouble != nil { return [] }
    if examination.interrupted.isEmpty {
      return [
        Finding(.interrupted, .ok, message: "No run was interrupted.", evidence: ["/run/hostdev/journal"])
      ]
    }
    return examination.interrupted.map { run in
      Self.finding(
        run,
        message: run.pending.map { "A write of an earlier '\(run.command)' has not returned: \($0)." }
          ?? "An earlier '\(run.command)' was interrupted.")
    }
  }
}
