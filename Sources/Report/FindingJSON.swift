import Checks
import PCI

/// The list of findings, as every command gives it. `forceable`: with the key that says whether `--force` overrules each,
/// which of a host means nothing.
public func write(_ findings: [Finding], to json: inout JSONWriter, forceable: Bool = true) {
  json.array { json in
    for finding in findings {
      json.object { json in
        json.key("code")
        json.value(finding.code.rawValue)
        json.key("severity")
        json.value(finding.severity.rawValue)
        json.key("functions")
        json.values(finding.functions.map(\.description))
        json.key("message")
        json.value(finding.message)
        json.key("evidence")
        json.values(finding.evidence.map(\.description))
        json.key("remedy")
        json.value(finding.remedy)
        if forceable {
          json.key("forceable")
          json.value(finding.isForceable)
        }
      }
    }
  }
}
