import ArgumentParser
import Operations
import Report

/// `hostdev recover`: finish or undo what was interrupted.
struct Recover: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finish or undo an interrupted run.",
    discussion: """
      A bind is undone and a release finished, so that the host ends up with what is its own. Where somebody else has moved
      a function meanwhile nothing is changed, and both are said.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  func perform() throws(Diagnostic) -> Rendering {
    let result = try Change(change.invocation(common, writes: writes)).recover()
    return change.dryRun ? Rendering(planned: result, as: format) : Rendering(result, as: format)
  }
}
