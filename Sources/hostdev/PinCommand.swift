import ArgumentParser
import Assessment
import Host
import PCI
import Pins
import Report
import System
import Transactions

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
  @OptionGroup var change: ChangeOptions
  @OptionGroup var image: ImageOptions

  @Option(help: ArgumentHelp("What it is for.", valueName: "text"))
  var description: String?

  @Option(
    help: ArgumentHelp(
      "The VFIO driver; 'auto' is the best that this kernel has for the function (default: vfio-pci). With --vfs it goes with --bind.",
      valueName: "name"))
  var driver: String?

  @Option(
    help: ArgumentHelp(
      "What tells it where it has no serial number: 'path' (place and ids together), or 'ids' alone too, where exactly one device of the host fits.",
      valueName: "path|ids"))
  var match: Pin.Match = .path

  @Flag(help: "By its serial number it is the pinned one in another slot too.")
  var follow = false

  @Flag(help: "Read the serial number of its vital product data too, which may take seconds.")
  var vpd = false
  @Option(
    help: ArgumentHelp(
      "Declare that the function, which stays with the host, has so many virtual ones.", valueName: "n"))
  var vfs: Int?

  @Flag(help: "With --vfs: they are for guests, on the VFIO driver; else they are left to the host.")
  var bind = false

  @OptionGroup(title: "With --vfs, as for sriov") var settings: VirtualSettingOptions

  @Flag(help: "Declare anew what is pinned under this name already.")
  var replace = false

  @Argument(help: ArgumentHelp("Letters, digits, '.', '_' and '-'.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("The set.", valueName: "selector"))
  var selectors: [String]

  func validate() throws {
    if let vfs {
      guard vfs >= 0, vfs <= UInt16.max else { throw ValidationError("--vfs wants a number, from 0 to 65535") }
      _ = try settings.byIndex(count: vfs)
      if driver != nil, !bind { throw ValidationError("with --vfs, --driver goes with --bind") }
    } else if bind || !settings.isEmpty {
      throw ValidationError("--bind, --mac, --vlan, --spoof-check and --trust go with --vfs")
    }
    try requireDriverName(driver)
    if !Pin.isName(name) {
      throw ValidationError("'\(name)' is no name of a pin: letters, digits, '.', '_' and '-', and not first a dot")
    }
  }

  func run() throws {
    let maker = try ImageMaker(image, try Workspace.open(common))
    let run = try Change(common, change)
    let workspace = run.workspace
    let folder = workspace.pinFolder
    let listing = folder.all()
    if !listing.isFolderUsable, let error = listing.errors.first { throw Diagnostic(error) }
    if listing.names.contains(name), !replace {
      throw Diagnostic(
        .usage, "there is a pin \(name) already", path: PinFolder.file(name),
        next: "choose another name, or declare it anew: --replace")
    }
    let driver = driver ?? VFIODriver.generic
    let wanted = Workspace.set(try workspace.resolve(selectors).unambiguous(in: workspace))
    let held = try run.held()
    let virtuals = try declaredVirtuals(driver)
    let set = try assessed(wanted, driver, virtuals, held, workspace)
    if let missing = Change.missingModule(set) { throw missing }
    let pin = workspace.declaration(
      name, of: set, description: description, driver: driver, match: match, follow: follow, vpd: vpd,
      forced: change.forced, virtuals: virtuals)
    if let other = listing.pins.first(where: { $0.name != name && $0.overlaps(pin) }) {
      throw Diagnostic(
        .usage, "pin \(other.name) declares one of these functions already", path: PinFolder.file(other.name),
        next: "hostdev pins \(other.name); to declare it anew: hostdev unpin \(other.name)")
    }
    if !set.blocking.isEmpty {
      say(set, pin, isRefused: true, workspace)
      throw ExitCode(1)
    }
    if !change.dryRun {
      do { try folder.write(pin) } catch { throw Diagnostic(error) }
      if workspace.isHost { run.logForced(set) }
    }
    // Before anything is printed: with --json an error is the only object.
    if !change.dryRun { try maker?.run(after: "pin \(name) is declared") }
    say(set, pin, isRefused: false, workspace)
    if change.dryRun, !common.json, let maker { Output.write("\(maker.line)\n") }
  }

  private func declaredVirtuals(_ driver: String) throws -> PinnedVirtuals? {
    guard let vfs else { return nil }
    return PinnedVirtuals(count: vfs, driver: bind ? driver : nil, settings: try settings.byIndex(count: vfs))
  }

  /// The set as bind would check it, or as sriov would.
  private func assessed(
    _ wanted: [Address], _ driver: String, _ virtuals: PinnedVirtuals?, _ held: [Hold], _ workspace: Workspace
  ) throws -> AssessedSet {
    guard let virtuals else {
      return try Binding(
        workspace, wanted, driver: driver, whole: change.whole, forced: change.forced, held: Set(held.map(\.function))
      ).assessed
    }
    guard let physical = wanted.first, wanted.count == 1 else {
      throw Diagnostic(
        .usage, "--vfs is for one physical function, and these are \(wanted.count)",
        next: "give each a pin of its own: \(wanted.map(\.description).joined(separator: ", "))")
    }
    return try Virtualizing(workspace, physical, virtuals.request, forced: change.forced, held: held).assessed
  }

  private func say(_ set: AssessedSet, _ pin: Pin, isRefused: Bool, _ workspace: Workspace) {
    let file = PinFolder.file(name)
    if common.json {
      Output.write(
        JSONWriter.document { json in
          write(set, to: &json, plan: false)
          json.key("plan")
          json.array { json in
            if isRefused { return }
            json.object { json in
              json.key("op")
              json.value("write")
              json.key("path")
              json.value(file)
              json.key("value")
              json.value(pin.text)
              json.key("prior")
              json.null()
            }
          }
          if !change.dryRun {
            json.key("outcome")
            json.object { json in
              json.key("result")
              json.value(isRefused ? "refused" : "done")
              json.key("steps")
              json.array { _ in }
            }
          }
        })
      return
    }
    if isRefused {
      Output.write(setText(set.functions, workspace, common.style))
      for finding in set.assessment.findings { Output.write(finding.text(common.style, forced: set.forced)) }
      Output.write(verdictText(set, common.style))
    } else if change.dryRun {
      for finding in set.assessment.findings {
        Output.write("# \(finding.severity.rawValue) \(finding.code): \(printable(finding.message))\n")
      }
      Output.write("set -e\nmkdir -p \(PinFolder.path)\ncat > \(file) <<'END'\n\(pin.text)END\nchmod 644 \(file)\n")
    } else {
      for finding in set.assessment.findings { Output.write(finding.text(common.style, forced: set.forced)) }
      for function in pin.functions {
        let serial = function.serialNumber ?? function.vpdSerialNumber
        Output.write(
          "\(common.style.good("✓")) \(function.address) pinned as \(name): \(function.id)"
            + (function.path.map { " at \($0)" } ?? "") + (serial.map { ", serial number \($0)" } ?? "") + "\n")
      }
      Output.write("    → hostdev apply \(name)\n")
    }
  }
}

extension Pin.Match: ExpressibleByArgument {}

extension Pin {
  func overlaps(_ other: Pin) -> Bool {
    functions.contains { mine in other.functions.contains { $0.isSameFunction(as: mine) } }
  }
}
