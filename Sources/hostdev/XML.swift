import ArgumentParser
import Libvirt
import Operations
import PCI
import Report

/// `hostdev xml`: what libvirt needs to give the set to a guest.
struct XML: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "xml",
    abstract: "<hostdev> elements for libvirt.",
    usage: "hostdev xml [<options>] <selector> ...",
    discussion: """
      Several functions of one card go into one slot of the guest, unless --separate is given. Put the elements into \
      the domain with 'virsh edit'. 'virsh attach-device DOMAIN FILE --config' takes one element at a time: write \
      each into its own file.

      Example:
        hostdev xml 01:00
      """)

  @Option(
    help: ArgumentHelp(
      "Does libvirt detach and give back by itself? (default: no if hostdev holds the functions)", valueName: "yes|no")
  )
  var managed: YesNo?

  @Option(help: ArgumentHelp("The address of the first function in the guest: 06:00.0.", valueName: "address"))
  var guest: String?

  @Flag(help: "Give each function its own slot in the guest.")
  var separate = false

  @Option(help: ArgumentHelp("The variant driver to use (libvirt 10.0).", valueName: "name"))
  var driverModel: String?

  @Flag(help: "Use /dev/iommu (libvirt 12.1).")
  var iommufd = false

  @Option(help: ArgumentHelp("Does the guest see the option ROM of the card?", valueName: "on|off"))
  var romBar: OnOff?

  @Option(help: ArgumentHelp("An image to show in place of the option ROM.", valueName: "file"))
  var romFile: String?

  @Option(help: ArgumentHelp("Place in the boot order of the guest, from 1.", valueName: "number"))
  var bootOrder: Int?

  @Option(help: ArgumentHelp("A name for the element; ua-, which libvirt requires, is added.", valueName: "name"))
  var alias: String?

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to give to the guest.", valueName: "selector"))
  var selectors: [String]

  func perform() throws(Diagnostic) -> CommandResult {
    let workspace = try Workspace(common.invocation)
    let set = try workspace.set(selectors)
    workspace.detail(set)
    let place = try guest.map { text throws(Diagnostic) in
      guard let address = Address(text) ?? Address("0000:" + text) else {
        throw Diagnostic(
          .usage, "--guest '\(text)' is not a PCI address", next: "use an address, such as --guest 06:00.0")
      }
      return address
    }
    let held = try workspace.heldFunctions()
    var options = HostdevOptions(
      managed: managed.map { $0 == .yes } ?? !set.allSatisfy(held.contains), guest: place, separate: separate,
      driverModel: driverModel,
      iommufd: iommufd, romBar: romBar.map { $0 == .on }, romFile: romFile, bootOrder: bootOrder, alias: alias)
    // libvirt would take it from the driver that serves the guest.
    if managed == nil { options.unmanaged = Set(set.filter { workspace.host[$0]?.isOnVendorVFIO ?? false }) }
    let xml = try workspace.hostdevElements(set, options)
    let refusals = options.managed ? workspace.refusals(of: set.filter { !options.unmanaged.contains($0) }) : []
    return CommandResult(.done, Rendering(xml: xml, of: set, refusals: refusals, as: format))
  }
}

enum YesNo: String, ExpressibleByArgument { case yes, no }
enum OnOff: String, ExpressibleByArgument { case on, off }
