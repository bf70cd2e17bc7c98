import ArgumentParser
import Host
import Operations
import Pins
import Report

/// `hostdev pin`: declare that functions belong to guests at every boot.
struct PinCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Declare what belongs to guests at every boot.",
    usage: "hostdev pin [<options>] <name> <selector> ...",
    discussion: """
      The functions are checked as bind checks them, and the result is kept in a file, \
      /etc/hostdev/pins.d/NAME.json. Nothing is moved: 'hostdev apply' does that, now or at the next boot. With \
      --now the functions are moved at once, and if that fails the pin is withdrawn. A \
      function is recognized by its serial number if it has one of its own, else by its place in the topology and \
      its ids together. hostdev prints what is missing for the next boot: the units that apply the pins, and the \
      initramfs.

      Example:
        hostdev pin fpga 01:00 --description 'build guest'
      """)

  @OptionGroup var image: ImageOptions
  @OptionGroup var declared: PinOptions
  @OptionGroup(title: "With --vfs") var settings: VirtualSettingOptions

  @Flag(help: "Replace the pin of this name.")
  var replace = false

  @Flag(help: "Also bind the functions now. If that fails, the pin is withdrawn.")
  var now = false

  @OptionGroup var scope: WholeOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The name of the pin: letters, digits, '.', '_' and '-'.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("The functions to pin.", valueName: "selector"))
  var selectors: [String]

  func validate() throws(ValidationError) {
    if let vfs = declared.vfs {
      try settings.check(count: vfs)
      if scope.whole { throw ValidationError("with --vfs a pin is of one function: --whole adds none") }
    } else if declared.bind || !settings.isEmpty {
      throw ValidationError("--bind, --mac, --vlan, --spoof-check and --trust need --vfs")
    }
    if writes.timeout != nil, !now { throw ValidationError("--timeout needs --now") }
    try requirePinName(name)
  }

  func perform() throws(Diagnostic) -> CommandResult {
    var invocation = change.invocation(common, writes: writes, overruling: overruling, scope: scope)
    invocation.printsAtTheEnd()
    let driver = declared.driver ?? VFIODriver.generic
    var request = PinRequest(name: name)
    request.maker = try image.maker(invocation)
    request.description = declared.description
    request.driver = driver
    request.match = declared.match
    request.follow = declared.follow
    request.readsVPD = declared.vpd
    request.replaces = replace
    request.isNow = now
    if let count = declared.vfs {
      request.virtuals = PinnedVirtuals(
        driver: declared.bind ? driver : nil, settings: try settings.settings(count: count))
    }
    var change = try Change(invocation)
    let result = try change.pin(selectors, request)
    let workspace = change.workspace
    return CommandResult(
      result.status,
      Rendering(result, maker: request.maker, in: workspace.host, names: names(workspace), as: format))
  }
}
