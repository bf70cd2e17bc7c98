import ArgumentParser
import Host
import Operations
import Report

/// `hostdev bind`: check, then move the set to VFIO.
struct Bind: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "bind",
    abstract: "Check, then move functions to vfio-pci.",
    usage: "hostdev bind [<options>] <selector> ...",
    discussion: """
      If the check refuses, nothing is changed. If a write fails, everything is put back. The functions stay on \
      vfio-pci until they are released or the host is rebooted; 'hostdev pin' declares it for every boot.

      --force covers only what the check has found. hostdev checks again right before its first write and refuses \
      what is new.

      Example:
        hostdev bind 01:00
      """)

  @Option(
    help: ArgumentHelp("The VFIO driver; 'auto' is the best that this kernel has for the function.", valueName: "name"))
  var driver = VFIODriver.generic

  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to bind.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) { try requireDriverName(driver) }

  func perform() throws(Diagnostic) -> CommandResult {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling, scope: scope))
    let result = try change.bind(selectors, driver: driver)
    return CommandResult(
      result.status,
      Rendering(result, verb: .bound, in: change.workspace.host, names: names(change.workspace), as: format))
  }
}
