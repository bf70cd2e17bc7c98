import ArgumentParser
import Host
import Libvirt
import PCI
import Report
import Transactions

/// `hostdev xml`: what libvirt needs to give the set to a guest.
struct XML: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xml", abstract: "<hostdev> elements for libvirt.",
    discussion: """
      Several functions of one card go to one guest slot, unless --separate. Put the elements into the domain with
      virsh edit; or each into a file of its own, since virsh attach-device DOMAIN FILE --config takes one at a time.
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Does libvirt detach and give back by itself? Default: no where hostdev holds the function.", valueName: "yes|no")
  )
  var managed: YesNo?

  @Option(help: ArgumentHelp("Where the guest sees the first function: 06:00.0.", valueName: "address"))
  var guest: String?

  @Flag(help: "A guest slot for every function.")
  var separate = false

  @Option(help: ArgumentHelp("A variant driver (libvirt 10.0).", valueName: "name"))
  var driverModel: String?

  @Flag(help: "VFIO by /dev/iommu (libvirt 12.1).")
  var iommufd = false

  @Option(help: ArgumentHelp("Does the guest see the card's option ROM?", valueName: "on|off"))
  var romBar: OnOff?

  @Option(help: ArgumentHelp("An image to show in place of the card's ROM.", valueName: "file"))
  var romFile: String?

  @Option(help: ArgumentHelp("Place among what the guest boots from, from 1.", valueName: "number"))
  var bootOrder: Int?

  @Option(help: ArgumentHelp("A name for the element; libvirt wants ua- before it, which is added.", valueName: "name"))
  var alias: String?

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func run() throws {
    let workspace = try Workspace(common)
    let set = Workspace.set(try workspace.resolve(selectors))
    workspace.detail(set)
    var place: Address?
    if let guest {
      guard let address = Address(guest) ?? Address("0000:" + guest) else {
        throw Diagnostic(.usage, "--guest '\(guest)' is no PCI address", next: "as in --guest 06:00.0")
      }
      place = address
    }
    let held: Set<Address>
    do { held = Set(try Ledger(workspace.root).held().map(\.function)) } catch {
      throw Diagnostic(error, doing: "read what is held")
    }
    let options = HostdevOptions(
      managed: managed.map { $0 == .yes } ?? !set.allSatisfy(held.contains), guest: place, separate: separate,
      driverModel: driverModel,
      iommufd: iommufd, romBar: romBar.map { $0 == .on }, romFile: romFile, bootOrder: bootOrder, alias: alias)
    let functions = set.compactMap { workspace.host[$0] }
    if let bridge = functions.first(where: { !$0.isEndpoint }) {
      throw Diagnostic(
        .usage, "\(bridge.address) is a bridge; no guest can be given one", next: "hostdev list shows endpoints")
    }
    let xml: String
    do { xml = try hostdevXML(functions, options) } catch {
      throw Diagnostic(.usage, "\(error)", next: "hostdev xml --help")
    }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("functions")
          json.values(set.map(\.description))
          json.key("xml")
          json.value(xml)
        })
    } else {
      Output.write(xml)
    }
    if options.managed { warn(of: set, held, workspace) }
  }

  /// Libvirt asks nobody what stands on a device that it takes.
  private func warn(of set: [Address], _ held: Set<Address>, _ workspace: Workspace) {
    let binding = try? Binding(workspace, set, driver: VFIODriver.generic, whole: false, forced: [], held: held)
    let codes = Set(binding?.assessed.blocking.map(\.code) ?? []).sorted()
    if codes.isEmpty { return }
    Output.progress(
      "hostdev: with managed='yes' libvirt takes them as the guest starts, and check refuses that: \(codes.joined(separator: ", "))\n"
        + "  next:  hostdev check \(set.map(\.description).joined(separator: " "))")
  }
}

enum YesNo: String, ExpressibleByArgument { case yes, no }
enum OnOff: String, ExpressibleByArgument { case on, off }
