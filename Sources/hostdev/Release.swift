import ArgumentParser
import Host
import Operations
import Report

/// `hostdev release`: give back to the host.
struct Release: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Give functions back to the host.",
    usage: "hostdev release [<options>] <selector> ... | --all",
    discussion: """
      Each function goes to the driver that it had, or would have had. A function that \
      hostdev does not hold stays as it is if a host driver has it.

      Example:
        hostdev release 01:00
      """)

  @Flag(help: "Give back everything that hostdev holds.")
  var all = false

  @Option(help: ArgumentHelp("The driver to give them to, in place of their own.", valueName: "name"))
  var driver: String?

  @Flag(help: "Leave the functions without a driver.")
  var leaveUnbound = false

  @OptionGroup var overruling: ForceOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to give back.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "omit the selectors, or omit --all" : "name a function, or use --all")
    }
    if driver != nil, leaveUnbound { throw ValidationError("--driver and --leave-unbound exclude each other") }
    try requireDriverName(driver)
    if let driver, VFIODriver.isVFIO(driver) {
      throw ValidationError(
        "\(driver) is a driver for guests; to move a function to it: hostdev bind --driver \(driver) …")
    }
  }

  func perform() throws(Diagnostic) -> CommandResult {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let result = try change.release(all ? nil : selectors, driver: driver, leaveUnbound: leaveUnbound)
    return CommandResult(
      result.status,
      Rendering(result, verb: .released, in: change.workspace.host, names: names(change.workspace), as: format))
  }
}
