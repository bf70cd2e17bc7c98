import Checks
import Operations
import PCI
import Planning
import Transactions

/// The keys that the JSON of every changing command has, into the object that is open.
func write(_ summary: ChangeSummary, to json: inout JSONWriter) {
  json.key("changed")
  json.value(summary.hasChanged)
  json.key("functions")
  json.values(summary.functions.map(\.description))
  json.key("missing")
  json.values(summary.missing.map(\.description))
  json.key("findings")
  write(summary.findings, to: &json)
  json.key("verdict")
  json.value(summary.isAssignable.map { $0 ? "assignable" : "refused" })
  json.key("plan")
  json.array { json in
    for change in summary.plan {
      switch change {
      case .step(let step): write(step, to: &json)
      case .file(let file): write(file, to: &json)
      }
    }
  }
  json.key("outcome")
  guard let outcome = summary.outcome else { return json.null() }
  json.object { json in
    json.key("result")
    json.value(outcome.result.rawValue)
    json.key("steps")
    json.array { json in
      for step in outcome.steps {
        json.object { json in
          json.key("index")
          json.value(step.index)
          json.key("ms")
          json.value(step.milliseconds)
          json.key("errno")
          json.value(step.errno)
        }
      }
    }
  }
}

/// One step of a plan.
func write(_ step: Step, to json: inout JSONWriter) {
  json.object { json in
    json.key("op")
    json.value(step.operation.rawValue)
    json.key("path")
    json.value(step.path)
    json.key("value")
    json.value(step.value)
    json.key("prior")
    json.value(step.prior)
  }
}

/// A file is written whole: `value` is null if it is removed, `prior` if it did not exist.
private func write(_ file: FileChange, to json: inout JSONWriter) {
  json.object { json in
    json.key("op")
    json.value("write")
    json.key("path")
    json.value(file.path)
    json.key("value")
    json.value(file.content)
    json.key("prior")
    json.value(file.prior)
  }
}
