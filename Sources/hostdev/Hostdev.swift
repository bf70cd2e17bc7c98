import ArgumentParser
import Operations
import Report
import System

/// The program.
@main
struct Hostdev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostdev",
    abstract: "Give PCI devices of this host to guests, and take them back.",
    usage: "hostdev <command> [<options>] [<selector> ...]",
    discussion: """
      Start with 'hostdev list', then 'hostdev check' the device. Nothing is moved before 'hostdev bind'. \
      'hostdev bind --help' explains one command.

      Example:
        hostdev check 01:00

      A selector names functions:
        01:00.0        one function; also 0000:01:00.0, 1:0.0,
                       pci_0000_01_00_0, /sys/bus/pci/devices/...
        01:00          a device: all its functions
        01:00.0-3      functions 0 to 3 of a device
        01:            all functions on a bus
        10ee:5000      vendor and device; also 0x10ee:0x5000
        10ee: :5000    vendor or device; with class: 10de::0300
        group:12       an IOMMU group
        net:enp3s0     what is behind an interface; also enp3s0
        /dev/nvme0n1   what is behind a disk or another node;
                       also block:nvme0n1, /dev/nvme0, nvme0
        xml:FILE       the <hostdev> elements of a domain
        pin:NAME       the functions of a pin
        A,B            several selectors in one word

      Exit status:
        0   done; for check: the functions can be assigned
        1   a check refused; these functions were not changed
        2   the kernel refused; everything was put back
        3   not everything was put back: hostdev status, then
            hostdev recover
        4   a driver did not answer in time
        64  wrong usage
        65  a malformed file, XML or capture
        66  no such device
        69  something that is needed is missing
        70  a fault of hostdev itself
        75  another hostdev holds the lock
        77  root is needed
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(name: "Look", subcommands: [List.self, Show.self, Check.self, Status.self, XML.self]),
      CommandGroup(name: "Move", subcommands: [Bind.self, Release.self, Reset.self, Sriov.self, Recover.self]),
      CommandGroup(
        name: "Declare",
        subcommands: [
          PinCommand.self, Unpin.self, PinsCommand.self, Apply.self, ImportCommand.self, ImageCommand.self,
        ]),
      CommandGroup(name: "Host", subcommands: [DoctorCommand.self, SnapshotCommand.self]),
    ])

  /// Before what was typed wrong.
  static let _errorPrefix = "hostdev: "

  static let version = "0.1.0"

  static func main() {
    StandardDescriptors.open()
    let arguments = Array(Arguments.all.dropFirst())
    if let isUnderstood = runAsChild(arguments) { Ending.exit(isUnderstood ? 0 : ExitStatus.usage.rawValue) }
    Ending.exit(run(arguments).rawValue)
  }

  /// As one of the processes that we start ourselves; nil if we are not one.
  private static func runAsChild(_ arguments: [String]) -> Bool? {
    switch arguments.first {
    case WriterProgram.name: WriterProgram.run(Array(arguments.dropFirst()))
    case VPDProgram.name: VPDProgram.run(Array(arguments.dropFirst()))
    default: nil
    }
  }

  /// The one place that decides on an exit status.
  private static func run(_ arguments: [String]) -> ExitStatus {
    let wantsJSON = arguments.contains("--json")
    // What ends a command early is shown before its options are known.
    let format = Format(isJSON: wantsJSON, style: Style(isColoured: false, isUnicode: Environment.isUTF8))
    var isChange = false
    do {
      try TestHooks.fail(arguments)
      var command = try parseAsRoot(arguments)
      guard let subcommand = command as? any Subcommand else {
        try command.run()
        return .done
      }
      isChange = subcommand.isChange
      let result = try subcommand.perform()
      Output.write(result.rendering)
      let isLost = result.status == .done && Output.hasFailed && !(command is any ChangingCommand)
      return isLost ? .rolledBack : result.status
    } catch let diagnostic as Diagnostic {
      return end(with: diagnostic, ofChange: isChange, as: format)
    } catch {
      let code = exitCode(for: error)
      // Help, and the version.
      if code.isSuccess { exit(withError: error) }
      guard code == .validationFailure else {
        return end(with: Diagnostic(unforeseen: error), ofChange: isChange, as: format)
      }
      if let diagnostic = Mistyped.diagnostic(arguments) { return end(with: diagnostic, as: format) }
      if wantsJSON {
        let diagnostic = Diagnostic(.usage, message(for: error), next: "hostdev --help")
        return end(with: diagnostic, ofChange: namesChange(arguments), as: format)
      }
      Output.progress(fullMessage(for: error))
      return .usage
    }
  }

  /// The command that could not be parsed changes something.
  private static func namesChange(_ arguments: [String]) -> Bool {
    configuration.subcommands.first { $0.configuration.commandName == arguments.first } is any ChangingCommand.Type
  }

  private static func end(with diagnostic: Diagnostic, ofChange: Bool = false, as format: Format) -> ExitStatus {
    Output.write(Rendering(diagnostic, ofChange: ofChange, as: format))
    return diagnostic.status
  }
}
