import ArgumentParser
import Operations
import Report
import System

/// `hostdev apply`: bring the host to what is declared.
struct Apply: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Bring the host to what the pins declare.",
    usage: "hostdev apply [<options>] [<name> ...]",
    discussion: """
      Each pin is checked as bind checks it, and is moved on its own: if one is refused or fails, the others are \
      moved all the same. What is in place is left alone. The exit status is 0 if all pins are in place, else that \
      of the worst pin: 3, 4 and 2 come before all others.

      Example:
        hostdev apply
      """)

  @Flag(help: "Give back what a pin moved to VFIO and no pin declares any more.")
  var prune = false

  @OptionGroup(title: "For the boot") var boot: BootMomentOptions

  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Only these pins.", valueName: "name"))
  var names: [String] = []

  func validate() throws(ValidationError) {
    if prune, !names.isEmpty { throw ValidationError("--prune applies to all pins; omit the names") }
    if boot.noRoot, prune || !names.isEmpty {
      throw ValidationError("--no-root releases everything; omit the names")
    }
  }

  func perform() throws(Diagnostic) -> CommandResult {
    var invocation = change.invocation(common, writes: writes, overruling: overruling, scope: scope)
    invocation.printsAtTheEnd()
    let result = try ApplyOperation(names: names, prunes: prune, moment: boot.moment).run(invocation)
    if !change.dryRun || result.isTurnedOff {
      for entry in result.bootLog { SystemLog.event(entry.text, entry.priority, fields: entry.fields) }
    }
    return CommandResult(
      result.status, Rendering(result, isDryRun: change.dryRun, isQuiet: boot.isToldByJournal, as: format))
  }
}
