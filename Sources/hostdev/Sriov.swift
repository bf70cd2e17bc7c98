import ArgumentParser
import Host
import Operations
import Report

/// `hostdev sriov`: make virtual functions of a physical one, or take them away.
struct Sriov: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sriov",
    abstract: "Make virtual functions of a physical one, or take them away.",
    discussion: """
      The kernel goes from one number to another only by way of 0, so all virtual functions go before new ones come; with
      one that a guest has, that is refused. New ones are offered to no driver before their settings stand: then they go to
      VFIO (--bind), or are left to the host, which takes them or not. Settings are made through ip of iproute2; each is
      VALUE for all of them, or K=VALUE for number K, from 0.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  @Option(help: ArgumentHelp("How many there are to be; 0 takes them away.", valueName: "n"))
  var vfs: Int

  @Flag(help: "Bind them to a VFIO driver.")
  var bind = false

  @Option(
    help: ArgumentHelp(
      "With --bind: the VFIO driver; 'auto' is the best that this kernel has for them (default: vfio-pci).",
      valueName: "name"))
  var driver: String?

  @OptionGroup var settings: VirtualSettingOptions

  @Argument(help: ArgumentHelp("The physical function.", valueName: "selector"))
  var selector: String

  func validate() throws(ValidationError) {
    guard vfs >= 0, vfs <= UInt16.max else { throw ValidationError("--vfs wants a number, from 0 to 65535") }
    if driver != nil, !bind { throw ValidationError("--driver goes with --bind") }
    try requireDriverName(driver)
    _ = try settings.byIndex(count: vfs)
  }

  func perform() throws(Diagnostic) -> Rendering {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let request = VirtualFunctionsRequest(
      count: vfs, driver: bind ? driver ?? VFIODriver.generic : nil, settings: settings.valid(count: vfs))
    let result = try change.setVirtualFunctions(of: selector, request)
    return Rendering(
      result, verb: "has \(vfs) virtual functions", in: change.workspace.host, names: names(change.workspace),
      as: format)
  }
}
