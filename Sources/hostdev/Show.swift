import ArgumentParser
import Operations
import PCI
import Report

/// `hostdev show`: everything known of a function.
struct Show: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Everything known of a function, evidence included.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Every function, bridges too.")
  var all = false

  @Flag(help: "Read the configuration space of sleeping functions too, which powers them up.")
  var wake = false

  @Flag(help: "libvirt's node-device XML, as virsh nodedev-dumpxml prints it.")
  var xml = false

  @Argument(help: ArgumentHelp("Functions to show.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "--all takes no selectors" : "name a function, or --all")
    }
    if xml, common.json { throw ValidationError("--xml and --json are two formats; choose one") }
  }

  func perform() throws(Diagnostic) -> Rendering {
    let workspace = try Workspace(common.invocation)
    let set = all ? workspace.host.functions.map(\.address) : try workspace.set(selectors)
    if xml {
      workspace.detail(set, wake: wake)
      return Rendering(nodeDevices: set.compactMap { workspace.host[$0] }, in: workspace.host, names: names(workspace))
    }
    return Rendering(workspace.show(set, wakes: wake), in: workspace.host, names: names(workspace), as: format)
  }
}
