import ArgumentParser
import Operations
import Report

/// `hostdev reset`: reset one function now.
struct Reset: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Reset one function now.",
    usage: "hostdev reset [<options>] <selector>",
    discussion: """
      Refused if a host driver is bound, or if functions that the host or another guest uses would be reset too.

      Example:
        hostdev reset 01:00.2
      """)

  @Option(help: ArgumentHelp("Reset by this method only: flr, af_flr, pm, bus, …", valueName: "name"))
  var method: String?

  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The function to reset.", valueName: "selector"))
  var selector: String

  func perform() throws(Diagnostic) -> CommandResult {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let result = try change.reset(selector, method: method)
    return CommandResult(
      result.status,
      Rendering(result, verb: .reset, in: change.workspace.host, names: names(change.workspace), as: format))
  }
}
