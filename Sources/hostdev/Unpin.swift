import ArgumentParser
import Operations
import Pins
import Report

/// `hostdev unpin`: withdraw declarations.
struct Unpin: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin",
    abstract: "Withdraw pins.",
    usage: "hostdev unpin [<options>] <name> ...",
    discussion: """
      Functions that a pin moved to VFIO stay there until they are released.

      Example:
        hostdev unpin fpga
      """)

  @OptionGroup var image: ImageOptions

  @OptionGroup var change: ChangeOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The pins to withdraw.", valueName: "name"))
  var names: [String]

  func validate() throws(ValidationError) {
    if let name = names.first(where: { !Pin.isName($0) }) { throw ValidationError("'\(name)' is not a pin name") }
  }

  func perform() throws(Diagnostic) -> CommandResult {
    let invocation = change.invocation(common)
    let maker = try image.maker(invocation)
    let result = try Change(invocation).unpin(names, maker: maker)
    return CommandResult(.done, Rendering(result, maker: maker, isDryRun: change.dryRun, as: format))
  }
}
