import Checks
import Planning
import Operations
import PCI

/// The keys of an assessed set, into the object that is open.
///
/// `plan`: the steps that it has; without, for a command whose plan is another one.
public func write(_ set: AssessedSet, to json: inout JSONWriter, plan: Bool = true) {
  json.key("functions")
  json.values(set.functions.map(\.description))
  json.key("missing")
  json.values(set.assessment.missing.map(\.description))
  json.key("findings")
  write(set.assessment.findings, to: &json)
  json.key("verdict")
  json.value(set.blocking.isEmpty ? "assignable" : "refused")
  if plan {
    json.key("plan")
    write(set.plan, to: &json)
  }
  if let virtual = set.virtualFunctions {
    json.key("virtual_functions")
    json.object { json in
      json.key("gone")
      json.values(virtual.gone.map(\.description))
      json.key("made")
      json.values(virtual.made.map(\.description))
    }
  }
  json.key("descriptors_seen")
  json.value(set.descriptorsSeen)
  json.key("processes_unseen")
  json.value(set.processesUnseen)
}

/// A plan, step by step.
public func write(_ plan: [Step], to json: inout JSONWriter) {
  json.array { json in
    for step in plan {
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
  }
}
