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
    Report.write(summary, to: &json)
    json.key("notes")
    json.values(notes)
    diagnostic?.write(to: &json)
  }

  /// For a person: a line, its functions where they were moved, and the findings.
  func text(_ format: Format) -> String {
    let style = format.style
    var text = ""
    if result != .inPlace { text += FindingsText(format: format, forced: set?.forced ?? []).text(allFindings) }
    switch result {
    case .inPlace:
      let reasons = [resolution?.reason ?? ""].filter { !$0.isEmpty }.map { " (\($0))" }.joined()
      let those = functions.isEmpty ? "" : " " + functions.map(\.description).joined(separator: " ")
      text += "\(style.done) \(name): \(isPruned ? "nothing to release:" : "in place:")\(those)\(reasons)\n"
    case .done:
      for address in functions {
        text += "\(style.done) \(name): \(address) \(words(for: address))\n"
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
  private func words(for address: Address) -> String {
    let now = outcome?.states.first { $0.function == address }?.state
    if let virtuals, address == functions.first { return "has \(virtuals == 0 ? "no VFs" : counted(virtuals, "VF"))" }
    if set?.virtualFunctions?.made.contains(address) == true { return "created: \(now?.description ?? "")" }
    let was = before.first { $0.function == address }?.state
    return ((now ?? was).map(placement) ?? "has no driver") + past(was?.driver, now: now?.driver)
  }
}
