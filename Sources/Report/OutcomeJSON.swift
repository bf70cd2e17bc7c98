import Transactions

/// The key `outcome`, into the object that is open.
func writeOutcome(_ outcome: Outcome, _ json: inout JSONWriter) {
  json.key("outcome")
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
