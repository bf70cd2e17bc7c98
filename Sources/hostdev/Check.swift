import ArgumentParser
import Host
import Operations
import Report

/// `hostdev check`: may this set go to a guest?
struct Check: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "May these functions go to a guest?",
    usage: "hostdev check [<options>] <selector> ...",
    discussion: """
      Prints every finding with its evidence and its remedy. Nothing is changed. Exit status 0 if the functions can \
      be given to a guest, 1 if not. 'bind' makes the same check.

      Example:
        hostdev check 01:00
      """)

  @Option(
    help: ArgumentHelp(
      "The VFIO driver to move to; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to check.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) { try requireDriverName(driver) }

  func perform() throws(Diagnostic) -> CommandResult {
    var invocation = common.invocation
    invocation.addsMissing = scope.whole
    invocation.forced = overruling.codes
    let workspace = try Workspace(invocation)
    let set = try workspace.check(selectors, driver: driver)
    return CommandResult(
      set.status, Rendering(set, for: driver, in: workspace.host, names: names(workspace), as: format))
  }
}
