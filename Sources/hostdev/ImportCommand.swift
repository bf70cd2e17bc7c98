import ArgumentParser
import Diagnosis
import Host
import PCI
import Pins
import Report

/// `hostdev import`: other tools' settings as pins.
struct ImportCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make pins of what driverctl, vfio-pci.ids= and modprobe.d say; shown first, written with --write.",
    discussion: """
      One pin a device, checked as 'hostdev pin' checks it, with the lines that it comes from and the commands that take
      those back afterwards. An id that fits several devices is said and not guessed. Nothing is moved. Exit status 1
      where a pin was refused, or something is left to decide.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Write the pins; without it they are only shown.")
  var write = false

  @Option(help: ArgumentHelp("The pin's name, where it is one.", valueName: "name"))
  var name: String?

  @Argument(help: ArgumentHelp("These devices alone.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws {
    if write, change.dryRun { throw ValidationError("--write and --dry-run exclude each other") }
    if let name, !Pin.isName(name) {
      throw ValidationError("'\(name)' is no name of a pin: letters, digits, '.', '_' and '-', and not first a dot")
    }
  }

  func run() throws {
    var change = change
    change.dryRun = !write
    let run = try Change(common, change)
    let workspace = run.workspace
    let held = Set(try run.held().map(\.function))
    let examination = DoctorCommand.examine(workspace)
    if let trouble = examination.pinsTrouble {
      throw Diagnostic(.malformed, trouble.reason, path: PinFolder.path, next: "hostdev pins shows what there is")
    }
    var plan = examination.importPlan()
    if !selectors.isEmpty {
      let set = Set(Workspace.set(try workspace.resolve(selectors)))
      plan.proposals.removeAll { set.isDisjoint(with: $0.functions) }
      plan.left.removeAll { set.isDisjoint(with: $0.functions) }
    }
    if name != nil, plan.proposals.count != 1 {
      throw Diagnostic(
        .usage, "--name is for one pin, and there are \(plan.proposals.count) to make",
        next: "name the device: hostdev import --name NAME SELECTOR; hostdev import shows what there is")
    }
    if let name, workspace.pinFolder.exists(name) {
      throw Diagnostic(
        .usage, "there is a pin \(name) already", path: PinFolder.file(name),
        next: "choose another name, or withdraw that one: hostdev unpin \(name)")
    }
    var imported: [ImportedPin] = []
    for proposal in plan.proposals {
      let pin = try ImportedPin(proposal, name: name ?? proposal.name, workspace, change, held: held)
      if write, !pin.isRefused {
        do { try workspace.pinFolder.write(pin.pin) } catch { throw Diagnostic(error) }
        if workspace.isHost { run.logForced(pin.set) }
      }
      imported.append(pin)
    }
    if common.json { writeJSON(imported, plan.left) } else { writeText(imported, plan.left, workspace) }
    if imported.contains(where: \.isRefused) || plan.left.contains(where: \.isOpen) { throw ExitCode(1) }
  }

  // MARK: Saying it

  private func writeText(_ imported: [ImportedPin], _ left: [LeftAlone], _ workspace: Workspace) {
    if imported.isEmpty, left.isEmpty { Output.write("# nothing to import\n") }
    if !write, imported.contains(where: { !$0.isRefused }) { Output.write("set -e\nmkdir -p \(PinFolder.path)\n") }
    for pin in imported { Output.write(pin.text(isWritten: write, common.style, workspace)) }
    for item in left {
      Output.write(printable("# left alone: \(item.source): \(item.reason)") + "\n")
      if !item.remedy.isEmpty { Output.write(printable("#     → \(item.remedy)") + "\n") }
    }
    var commands: [String] = []
    for command in imported.filter({ !$0.isRefused }).flatMap(\.proposal.afterwards) where !commands.contains(command) {
      commands.append(command)
    }
    if !commands.isEmpty {
      Output.write("# with the pins in place, take the old settings back:\n")
      for command in commands { Output.write(printable("#     → \(command)") + "\n") }
    }
  }

  private func writeJSON(_ imported: [ImportedPin], _ left: [LeftAlone]) {
    Output.write(
      JSONWriter.document { json in
        json.key("pins")
        json.array { json in
          for pin in imported { json.object { pin.write(isWritten: write, to: &$0) } }
        }
        json.key("left_alone")
        json.array { json in
          for item in left {
            json.object { json in
              json.key("source")
              json.value(item.source.description)
              json.key("reason")
              json.value(item.reason)
              json.key("functions")
              json.values(item.functions.map(\.description))
              json.key("remedy")
              json.value(item.remedy)
              json.key("open")
              json.value(item.isOpen)
            }
          }
        }
      })
  }
}
