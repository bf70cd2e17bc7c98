import ArgumentParser
import Operations
import Pins
import Report

/// `hostdev unpin`: withdraw declarations.
struct Unpin: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin",
    abstract: "Withdraw declarations; what they brought to a guest's driver stays there until it is released.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var image: ImageOptions

  @Argument(help: ArgumentHelp("The pins.", valueName: "name"))
  var names: [String]

  func validate() throws(ValidationError) {
    if let name = names.first(where: { !Pin.isName($0) }) { throw ValidationError("'\(name)' is no name of a pin") }
  }

  func perform() throws(Diagnostic) -> Rendering {
    let invocation = change.invocation(common)
    let maker = try image.maker(invocation)
    let result = try Change(invocation).unpin(names, maker: maker)
    return Rendering(result, maker: maker, isDryRun: change.dryRun, as: format)
  }
}
