import ArgumentParser
import Host
import Operations
import Pins
import Report

/// `hostdev pin`: declare that functions belong to guests at every boot.
struct PinCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Declare, in a file, that functions belong to guests at every boot.",
    discussion: """
      The set is checked as bind checks it, and what was found is kept in the file. Nothing is moved: that is what
      'hostdev apply' does, now or at the next boot. A function is known again by its serial number where it has one of
      its own, else by its place in the topology and its ids together.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var image: ImageOptions
  @OptionGroup var declared: PinOptions
  @OptionGroup(title: "With --vfs, as for sriov") var settings: VirtualSettingOptions

  @Flag(help: "Declare anew what is pinned under this name already.")
  var replace = false

  @Argument(help: ArgumentHelp("Letters, digits, '.', '_' and '-'.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) {
    if let vfs = declared.vfs {
      _ = try settings.byIndex(count: vfs)
      if scope.whole { throw ValidationError("with --vfs a pin is of one function: --whole adds none") }
    } else if declared.bind || !settings.isEmpty {
      throw ValidationError("--bind, --mac, --vlan, --spoof-check and --trust go with --vfs")
    }
    try requirePinName(name)
  }

  func perform() throws(Diagnostic) -> Rendering {
    let invocation = change.invocation(common, overruling: overruling, scope: scope)
    let driver = declared.driver ?? VFIODriver.generic
    var request = PinRequest(name: name)
    request.maker = try image.maker(invocation)
    request.description = declared.description
    request.driver = driver
    request.match = declared.match
    request.follow = declared.follow
    request.readsVPD = declared.vpd
    request.replaces = replace
    request.virtuals = declared.vfs.map { count in
      PinnedVirtuals(count: count, driver: declared.bind ? driver : nil, settings: settings.valid(count: count))
    }
    let change = try Change(invocation)
    let result = try change.pin(selectors, request)
    let workspace = change.workspace
    return Rendering(
      result, maker: request.maker, isDryRun: invocation.isDryRun, in: workspace.host, names: names(workspace),
      as: format)
  }
}
