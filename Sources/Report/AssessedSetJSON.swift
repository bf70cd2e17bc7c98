import Checks
import Operations
import PCI

/// The keys of an assessed set, into the object that is open: what `check` prints.
public func write(_ set: AssessedSet, to json: inout JSONWriter) {
  json.key("functions")
  json.values(set.functions.map(\.description))
  json.key("missing")
  json.values(set.assessment.missing.map(\.description))
  json.key("findings")
  write(set.assessment.findings, to: &json)
  json.key("verdict")
  json.value(set.blocking.isEmpty ? "assignable" : "refused")
  json.key("plan")
  json.array { json in for step in set.plan { write(step, to: &json) } }
  writeSights(of: set, &json)
}

/// What was looked at for it, and which virtual functions come and go.
func writeSights(of set: AssessedSet, _ json: inout JSONWriter) {
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
