import ArgumentParser
import Operations
import Report

/// `hostdev reset`: reset one function now.
struct Reset: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Reset one function now, unless somebody else would feel it or a host driver is bound.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  @Option(help: ArgumentHelp("Reset by this method only: flr, af_flr, pm, bus, …", valueName: "name"))
  var method: String?

  @Argument(help: ArgumentHelp("One function.", valueName: "selector"))
  var selector: String

  func perform() throws(Diagnostic) -> Rendering {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let result = try change.reset(selector, method: method)
    return Rendering(result, verb: "reset", in: change.workspace.host, names: names(change.workspace), as: format)
  }
}
