import ArgumentParser
import Libvirt
import Operations
import PCI
import Report

/// `hostdev xml`: what libvirt needs to give the set to a guest.
struct XML: Subcommand {
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

  func perform() throws(Diagnostic) -> Rendering {
    let workspace = try Workspace(common.invocation)
    let set = try workspace.set(selectors)
    workspace.detail(set)
    let place = try guest.map { text throws(Diagnostic) in
      guard let address = Address(text) ?? Address("0000:" + text) else {
        throw Diagnostic(.usage, "--guest '\(text)' is no PCI address", next: "as in --guest 06:00.0")
      }
      return address
    }
    let held = try workspace.heldFunctions()
    let options = HostdevOptions(
      managed: managed.map { $0 == .yes } ?? !set.allSatisfy(held.contains), guest: place, separate: separate,
      driverModel: driverModel,
      iommufd: iommufd, romBar: romBar.map { $0 == .on }, romFile: romFile, bootOrder: bootOrder, alias: alias)
    let xml = try workspace.hostdevElements(set, options)
    return Rendering(xml: xml, of: set, refusals: options.managed ? workspace.refusals(of: set) : [], as: format)
  }
}

enum YesNo: String, ExpressibleByArgument { case yes, no }
enum OnOff: String, ExpressibleByArgument { case on, off }
