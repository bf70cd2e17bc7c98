import ArgumentParser
import Host
import Operations
import Report

/// `hostdev sriov`: make virtual functions of a physical one, or take them away.
struct Sriov: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sriov",
    abstract: "Create or remove virtual functions (VFs).",
    usage: "hostdev sriov [<options>] --vfs <n> <selector>",
    discussion: """
      The kernel can change a VF count that is not 0 only by first setting it to 0. That blocks while a guest uses a \
      VF, so hostdev refuses in that case. Otherwise it unbinds every VF, verifies that, and then writes 0.

      New VFs are not offered to a driver until their settings are made. Then they go to VFIO (--bind) or to the \
      drivers of the host. Settings are made with ip of iproute2. Each is VALUE for all VFs, or K=VALUE for VF \
      number K, counted from 0.

      Example:
        hostdev sriov 01:00.1 --vfs 2 --vlan 100
      """)

  @Option(help: ArgumentHelp("How many VFs there will be; 0 removes them.", valueName: "n"))
  var vfs: Int

  @Flag(help: "Bind the VFs to a VFIO driver.")
  var bind = false

  @Option(
    help: ArgumentHelp(
      "With --bind: the VFIO driver; 'auto' is the best that this kernel has for the VFs (default: vfio-pci).",
      valueName: "name"))
  var driver: String?

  @OptionGroup var settings: VirtualSettingOptions

  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The physical function (PF).", valueName: "selector"))
  var selector: String

  func validate() throws(ValidationError) {
    guard vfs >= 0, vfs <= UInt16.max else { throw ValidationError("--vfs needs a number, from 0 to 65535") }
    if driver != nil, !bind { throw ValidationError("--driver needs --bind") }
    try requireDriverName(driver)
    try settings.check(count: vfs)
  }

  func perform() throws(Diagnostic) -> CommandResult {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let request = VirtualFunctionsRequest(
      driver: bind ? driver ?? VFIODriver.generic : nil, settings: try settings.settings(count: vfs))
    let result = try change.setVirtualFunctions(of: selector, request)
    return CommandResult(
      result.status,
      Rendering(
        result, verb: .virtualFunctions(vfs), in: change.workspace.host, names: names(change.workspace), as: format))
  }
}
