import ArgumentParser
import Assessment
import Host
import PCI
import Report
import Transactions

/// `hostdev check`: may this set go to a guest?
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "May this set go to a guest? Every finding with its evidence and its remedy; exit 0 or 1.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Add what must come along.")
  var whole = false

  @Option(help: ArgumentHelp("Overrule these findings, by their codes.", valueName: "code[,code]"))
  var force: [CodeList] = []

  @Option(
    help: ArgumentHelp(
      "The VFIO driver to move to; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws { try requireDriverName(driver) }

  func run() throws {
    let workspace = try Workspace(common)
    let held: [Hold]
    do {
      held = try Ledger(workspace.root).held()
      _ = try Ledger(workspace.root).openJournals()
    } catch { throw Diagnostic(error, doing: "read /run/hostdev") }
    let resolved = try workspace.resolve(selectors)
    let binding = try Binding(
      workspace, Workspace.set(resolved), driver: driver, whole: whole, forced: Set(force.flatMap(\.codes)),
      held: Set(held.map(\.function)))
    let set = binding.assessed
    if common.json {
      Output.write(JSONWriter.document { write(set, to: &$0) })
    } else {
      Output.write(setText(set.functions, workspace, common.style))
      for finding in set.assessment.findings { Output.write(finding.text(common.style, forced: set.forced)) }
      Output.write(verdictText(set, common.style))
    }
    if !set.blocking.isEmpty { throw ExitCode(1) }
  }
}

private func driverText(_ function: Function) -> String {
  function.driver.isAbsent ? "unbound" : function.driver.text { "on \($0)" }
}

/// The set, a line each.
func setText(_ set: [Address], _ workspace: Workspace, _ style: Style) -> String {
  set.compactMap { workspace.host[$0] }.map { function in
    style.bold("\(function.address)") + " "
      + printable(
        "\(describe(function, workspace.names(of: function))), \(driverText(function)), group \(function.iommuGroup.text { "\($0)" })"
      ) + "\n"
  }.joined()
}

func verdictText(_ set: AssessedSet, _ style: Style) -> String {
  let blocking = set.blocking
  if blocking.isEmpty { return style.good("assignable") + "\n" }
  var text = style.bold("refused") + ": " + Array(Set(blocking.map(\.code))).sorted().joined(separator: ", ") + "\n"
  if !set.assessment.missing.isEmpty {
    text += "must come along: \(set.assessment.missing.map(\.description).joined(separator: " "))\n"
  }
  return text
}
