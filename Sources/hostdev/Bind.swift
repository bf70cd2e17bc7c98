import ArgumentParser
import Host
import Operations
import Report

/// `hostdev bind`: check, then move the set to VFIO.
struct Bind: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "bind", abstract: "Check, then move the set to vfio-pci.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  @Option(
    help: ArgumentHelp("The VFIO driver; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) { try requireDriverName(driver) }

  func perform() throws(Diagnostic) -> Rendering {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling, scope: scope))
    let result = try change.bind(selectors, driver: driver)
    return Rendering(result, verb: "bound", in: change.workspace.host, names: names(change.workspace), as: format)
  }
}
