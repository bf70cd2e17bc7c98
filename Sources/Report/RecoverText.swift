import Planning
import Operations
import PCI
import Transactions

extension Rendering {
  /// What `recover` did.
  public init(_ result: RecoverResult, as format: Format) {
    self.init()
    if format.isJSON { json { result.write(to: &$0) } } else { text(result.text) }
    if let worst = result.worst { progress(worst) }
  }

  /// What it would do.
  public init(planned result: RecoverResult, as format: Format) {
    self.init()
    if let worst = result.worst { progress(worst) }
    guard format.isJSON else {
      text(result.shellLines)
      return
    }
    json { json in
      write(result.summary, to: &json)
      json.key("recovered")
      json.array { json in
        for plan in result.planned {
          json.object { json in
            writeRun(plan.journal, &json)
            json.key("plan")
            json.array { json in for step in plan.steps { write(step, to: &json) } }
            json.key("result")
            json.value(plan.obstacle?.result.rawValue)
            json.key("details")
            json.values(plan.obstacle?.details ?? [])
          }
        }
      }
      result.worst?.write(to: &json)
    }
  }
}

private func writeRun(_ journal: Journal, _ json: inout JSONWriter) {
  json.key("functions")
  json.values(journal.set.map(\.description))
  json.key("command")
  json.values(journal.command)
}

extension RecoverResult {
  fileprivate var text: String {
    if recovered.isEmpty { return "nothing was interrupted\n" }
    return recovered.map { result in
      "\(printable(result.journal.command.joined(separator: " "))): \(words(result.result))\n"
        + result.states.map { "    \($0.function): \($0.state)\n" }.joined()
        + result.details.map { "    \(printable($0))\n" }.joined()
    }.joined() + stillDeclaredText(declaredBy)
  }

  private func words(_ result: Recovered.Result) -> String {
    switch result {
    case .finished: "finished"
    case .undone: "undone"
    case .pending: "still pending"
    case .held: "unchanged: a process holds it"
    case .stranger: "unchanged: another program changed it"
    case .partial: "not all could be put back"
    }
  }

  fileprivate var shellLines: String {
    planned.map { plan in
      "# \(printable(plan.journal.command.joined(separator: " ")))\(why(plan))\n"
        + (plan.obstacle?.details ?? []).map { "#     \(printable($0))\n" }.joined()
        + Step.shellLines(plan.steps).map { $0 + "\n" }.joined()
    }.joined()
  }

  /// Why a run is left as it is.
  private func why(_ plan: RecoveryPlan) -> String {
    if let process = plan.pendingIn { return " (pending in process \(process))" }
    return plan.obstacle.map { " (\(words($0.result)))" } ?? ""
  }

  fileprivate func write(to json: inout JSONWriter) {
    Report.write(summary, to: &json)
    json.key("recovered")
    json.array { json in
      for result in recovered {
        json.object { json in
          writeRun(result.journal, &json)
          json.key("result")
          json.value(result.result.rawValue)
          json.key("details")
          json.values(result.details)
        }
      }
    }
    json.key("declared_by")
    json.values(declaredBy)
    worst?.write(to: &json)
  }
}
