/// An earlier run was interrupted and has a say in the set: first that is brought to an end.
struct InterruptedRun: Rule {
  func findings(in situation: Situation) -> [Finding] {
    situation.interrupted.map { run in
      let names = run.functions.map(\.description).joined(separator: " ")
      return Finding(
        .interrupted, .error, on: run.functions,
        message: run.pending.map { "A write of an earlier '\(run.command)' to \(names) has not returned: \($0)." }
          ?? "An earlier '\(run.command)' was interrupted and concerns \(names).",
        evidence: ["\(run.path)"],
        remedy: run.pending == nil ? "hostdev recover" : "hostdev status; when it has ended: hostdev recover")
    }
  }
}
