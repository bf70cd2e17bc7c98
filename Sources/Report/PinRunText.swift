import Checks
import Planning
import Host
import Operations
import PCI
import Pins
import Transactions

extension PinRun {
  func write(to json: inout JSONWriter) {
    json.key("name")
    json.value(name)
    json.key("result")
    json.value(result.rawValue)
    json.key("identity")
    json.value(resolution?.status.rawValue)
    json.key("reason")
    json.value(resolution.flatMap { $0.reason.isEmpty ? nil : $0.reason })
    json.key("functions")
    json.values(functions.map(\.description))
    json.key("missing")
    json.values(set?.assessment.missing.map(\.description) ?? [])
    json.key("findings")
    Report.write(allFindings, to: &json)
    json.key("plan")
    Report.write(set?.plan ?? [], to: &json)
    json.key("notes")
    json.values(notes)
    if let outcome { writeOutcome(outcome, &json) }
    diagnostic?.write(to: &json)
  }

  /// For a person: a line, its functions where they were moved, and the findings.
  func text(_ format: Format) -> String {
    let style = format.style
    let verb = isPruned ? "released" : "bound"
    var text = ""
    if result != .inPlace { text += FindingsText(format: format, forced: set?.forced ?? []).text(allFindings) }
    switch result {
    case .inPlace:
      let reasons = [resolution?.reason ?? ""].filter { !$0.isEmpty }.map { " (\($0))" }.joined()
      let those = functions.isEmpty ? "" : " " + functions.map(\.description).joined(separator: " ")
      text += "\(style.done) \(name): \(isPruned ? "nothing to release:" : "in place:")\(those)\(reasons)\n"
    case .done:
      for address in functions {
        text += "\(style.done) \(name): \(address) \(word(for: address, verb)): \(state(of: address) ?? "")\n"
      }
    case .planned:
      text = allFindings.map { "# \($0.severity.rawValue) \($0.code): \(printable($0.message))\n" }.joined()
      text = "# \(name)\n" + text
      for line in Step.shellLines(set?.plan ?? []) { text += line + "\n" }
    case .refused, .contested:
      let codes = (set?.blocking ?? findings).map(\.code.rawValue)
      text +=
        "\(style.bold(result.rawValue)): \(name): \(Set(codes).sorted().joined(separator: ", "))\n"
    case .absent, .unusable, .rolledBack, .partial, .timeout, .missing:
      text += "\(style.bold(isPruned ? "not released" : "not in place")): \(name)\n"
    }
    if result != .planned { for note in notes { text += "    \(printable(note))\n" } }
    return text
  }

  /// Virtual functions are created, and their physical one stays where it was.
  private func word(for address: Address, _ verb: String) -> String {
    guard let virtuals, let physical = functions.first else { return verb }
    if address == physical { return "has \(virtuals == 0 ? "no VFs" : counted(virtuals, "VF"))" }
    return set?.virtualFunctions?.made.contains(address) == true ? "created" : verb
  }

  private func state(of address: Address) -> String? {
    outcome?.states.first { $0.function == address }?.state.description
  }
}
