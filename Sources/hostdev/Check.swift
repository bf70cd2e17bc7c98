import ArgumentParser
import Host
import Operations
import Report

/// `hostdev check`: may this set go to a guest?
struct Check: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "May this set go to a guest? Every finding with its evidence and its remedy; exit 0 or 1.")

  @OptionGroup var common: CommonOptions

  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions

  @Option(
    help: ArgumentHelp(
      "The VFIO driver to move to; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) { try requireDriverName(driver) }

  func perform() throws(Diagnostic) -> Rendering {
    var invocation = common.invocation
    invocation.addsMissing = scope.whole
    invocation.forced = overruling.codes
    let workspace = try Workspace(invocation)
    let set = try workspace.check(selectors, driver: driver)
    return Rendering(set, in: workspace.host, names: names(workspace), as: format)
  }
}
