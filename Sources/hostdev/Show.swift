import ArgumentParser
import Assessment
import Host
import Libvirt
import PCI
import Report

/// `hostdev show`: everything known of a function.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Everything known of a function, evidence included.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Every function, bridges too.")
  var all = false

  @Flag(help: "Read the configuration space of sleeping functions too, which powers them up.")
  var wake = false

  @Flag(help: "libvirt's node-device XML, as virsh nodedev-dumpxml prints it.")
  var xml = false

  @Argument(help: ArgumentHelp("Functions to show.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws {
    if all == !selectors.isEmpty {
      throw ValidationError(all ? "--all takes no selectors" : "name a function, or --all")
    }
    if xml, common.json { throw ValidationError("--xml and --json are two formats; choose one") }
  }

  func run() throws {
    let workspace = try Workspace(common)
    let set = all ? workspace.host.functions.map(\.address) : Workspace.set(try workspace.resolve(selectors))
    workspace.detail(set, wake: wake)
    let functions = set.compactMap { workspace.host[$0] }
    if xml {
      for function in functions { Output.write(try nodeDevice(function, workspace)) }
      return
    }
    let usage = workspace.evidence.gather(set, in: workspace.host)
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("devices")
          json.array { json in
            for function in functions {
              writeShown(
                function, in: workspace.host, names: workspace.names(of: function),
                uses: usage.uses(of: function.address),
                unknownUses: usage.unknown.filter { $0.function == function.address },
                findings: findings(function, usage, workspace), to: &json)
            }
          }
        })
    } else {
      for (place, function) in functions.enumerated() {
        Output.write((place > 0 ? "\n" : "") + showText(function, workspace, usage, common.style))
        for finding in findings(function, usage, workspace) { Output.write(finding.text(common.style)) }
      }
    }
  }

  /// What a check of this function alone would find; nothing is said of bridges, which nobody assigns.
  private func findings(_ function: Function, _ usage: Usage, _ workspace: Workspace) -> [Finding] {
    guard function.isEndpoint else { return [] }
    return Assessment(of: workspace.situation([function.address], .assign(driver: VFIODriver.generic), usage: usage))
      .findings
  }

  private func nodeDevice(_ function: Function, _ workspace: Workspace) throws -> String {
    let names = workspace.names(of: function)
    do {
      return try nodeDeviceXML(function, in: workspace.host, vendorName: names.vendor, productName: names.device)
    } catch {
      throw Diagnostic(
        .malformed, "write node-device XML: \(error)", path: "/sys/bus/pci/devices/\(function.address)",
        next: "hostdev show \(function.address) says what is known")
    }
  }
}
