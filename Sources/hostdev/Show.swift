import ArgumentParser
import Operations
import PCI
import Report

/// `hostdev show`: everything known of a function.
struct Show: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Everything known about a function, with evidence.",
    usage: "hostdev show [<options>] <selector> ... | --all",
    discussion: """
      The configuration space of a sleeping function is read only with --wake.

      Example:
        hostdev show 01:00.0
      """)

  @Flag(help: "Show every function, bridges too.")
  var all = false

  @Flag(help: "Wake sleeping functions to read their configuration space.")
  var wake = false

  @Flag(help: "Print the node-device XML of libvirt, as virsh nodedev-dumpxml does.")
  var xml = false

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to show.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "omit the selectors, or omit --all" : "name a function, or use --all")
    }
    if xml, common.json { throw ValidationError("--xml and --json are two formats; choose one") }
  }

  func perform() throws(Diagnostic) -> CommandResult {
    let workspace = try Workspace(common.invocation)
    let set = all ? workspace.host.functions.map(\.address) : try workspace.set(selectors)
    if xml {
      let names = names(workspace)
      let devices = workspace.nodeDevices(set, wakes: wake) { function in
        let known = names.names(of: function)
        return (vendor: known.vendor, product: known.device)
      }
      return CommandResult(devices.status, Rendering(devices))
    }
    let shown = workspace.show(set, wakes: wake)
    return CommandResult(.done, Rendering(shown, in: workspace.host, names: names(workspace), as: format))
  }
}
