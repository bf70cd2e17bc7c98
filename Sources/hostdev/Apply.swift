import ArgumentParser
import Operations
import Report
import System

/// `hostdev apply`: bring the host to what is declared.
struct Apply: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Bring the host to what the pins say; what is in place is left alone.",
    discussion: """
      Each pin is checked as bind checks it and moved by itself: one that is refused or fails does not stop the others.
      Exit status: 0 all are in place; else the gravest of the pins': 3, 4 and 2 before all others.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Give back what a pin had brought to a guest's driver and no pin declares any longer.")
  var prune = false

  @OptionGroup(title: "Hours of a boot") var boot: BootMomentOptions

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func validate() throws(ValidationError) {
    if prune, !names.isEmpty { throw ValidationError("--prune looks at all pins, and takes no names") }
    if boot.noRoot, prune || !names.isEmpty {
      throw ValidationError("--no-root gives back everything, and takes no names")
    }
  }

  func perform() throws(Diagnostic) -> Rendering {
    var invocation = change.invocation(common, writes: writes, overruling: overruling, scope: scope)
    let report = invocation.report
    invocation.report = { progress in
      // What becomes of each pin is told at the end.
      if case .note = progress { report(progress) }
    }
    let result = try ApplyOperation(names: names, prunes: prune, moment: boot.moment).run(invocation)
    if !change.dryRun || result.isTurnedOff {
      for entry in result.bootLog { SystemLog.event(entry.text, entry.priority, fields: entry.fields) }
    }
    return Rendering(result, isDryRun: change.dryRun, isQuiet: boot.isToldByJournal, as: format)
  }
}
