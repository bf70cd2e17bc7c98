import Diagnosis
import Host
import PCI
import Pins
import Report

/// One pin that is made of other tools' settings, checked as any pin is.
struct ImportedPin {
  let proposal: PinProposal
  let set: AssessedSet
  let pin: Pin

  var isRefused: Bool { !set.blocking.isEmpty }

  init(
    _ proposal: PinProposal, name: String, _ workspace: Workspace, _ change: ChangeOptions, held: Set<Address>
  ) throws {
    self.proposal = proposal
    let binding = try Binding(
      workspace, proposal.functions, driver: proposal.driver, whole: change.whole, forced: change.forced, held: held)
    set = binding.assessed
    if let missing = Change.missingModule(set) { throw missing }
    pin = workspace.declaration(
      name, of: set, description: "imported from \(Self.places(proposal))", driver: proposal.driver,
      forced: change.forced)
  }

  private static func places(_ proposal: PinProposal) -> String {
    var places: [String] = []
    for source in proposal.sources where !places.contains(source.place) { places.append(source.place) }
    return places.joined(separator: ", ")
  }

  /// As lines for `sh`, or what was done.
  func text(isWritten: Bool, _ style: Style, _ workspace: Workspace) -> String {
    let names = set.functions.map(\.description).joined(separator: " ")
    var text = "# \(pin.name): \(names)\n"
    for source in proposal.sources { text += printable("#     from \(source)") + "\n" }
    if isRefused {
      for finding in set.assessment.findings { text += finding.text(style) }
      return text + verdictText(set, style)
    }
    if isWritten {
      for finding in set.assessment.findings { text += finding.text(style) }
      for function in pin.functions { text += "\(style.good("✓")) \(function.address) pinned as \(pin.name)\n" }
      return text + "    → hostdev apply \(pin.name)\n"
    }
    for finding in set.assessment.findings {
      text += "# \(finding.severity.rawValue) \(finding.code): \(printable(finding.message))\n"
    }
    let file = PinFolder.file(pin.name)
    return text + "cat > \(file) <<'END'\n\(pin.text)END\nchmod 644 \(file)\n"
  }

  func write(isWritten: Bool, to json: inout JSONWriter) {
    json.key("name")
    json.value(pin.name)
    json.key("file")
    json.value(PinFolder.file(pin.name))
    json.key("driver")
    json.value(pin.driver)
    json.key("sources")
    json.values(proposal.sources.map(\.description))
    json.key("result")
    json.value(isRefused ? "refused" : isWritten ? "done" : "planned")
    json.key("content")
    json.value(isRefused ? nil : pin.text)
    json.key("afterwards")
    json.values(isRefused ? [] : proposal.afterwards)
    Report.write(set, to: &json, plan: false)
  }
}
