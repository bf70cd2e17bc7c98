import ArgumentParser
import Operations
import Report

/// `hostdev recover`: finish or undo what was interrupted.
struct Recover: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finish or undo an interrupted run.",
    usage: "hostdev recover [<options>]",
    discussion: """
      An interrupted bind is undone and an interrupted release is finished, so that the host gets back what belongs \
      to it. If another program has moved a function since then, nothing is changed and both states are printed.

      Example:
        hostdev recover
      """)

  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  func perform() throws(Diagnostic) -> CommandResult {
    let result = try Change(change.invocation(common, writes: writes)).recover()
    return CommandResult(
      result.status, change.dryRun ? Rendering(planned: result, as: format) : Rendering(result, as: format))
  }
}
