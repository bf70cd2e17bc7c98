import ArgumentParser
import Host
import Operations
import Report

/// `hostdev release`: give back to the host.
struct Release: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Give back to the host: the driver it had, or would have had.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var overruling: ForceOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Everything that hostdev holds.")
  var all = false

  @Option(help: ArgumentHelp("Another home than the one it had.", valueName: "name"))
  var driver: String?

  @Flag(help: "Let no driver have it.")
  var leaveUnbound = false

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "--all takes no selectors" : "name a function, or --all")
    }
    if driver != nil, leaveUnbound { throw ValidationError("--driver and --leave-unbound exclude each other") }
    try requireDriverName(driver)
    if let driver, VFIODriver.isVFIO(driver) {
      throw ValidationError("\(driver) is a driver for guests: hostdev bind --driver \(driver) …")
    }
  }

  func perform() throws(Diagnostic) -> Rendering {
    var change = try Change(change.invocation(common, writes: writes, overruling: overruling))
    let result = try change.release(all ? nil : selectors, driver: driver, leaveUnbound: leaveUnbound)
    return Rendering(result, verb: "released", in: change.workspace.host, names: names(change.workspace), as: format)
  }
}
