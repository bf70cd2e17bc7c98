import ArgumentParser
import Operations
import Report
import System

/// The program.
@main
struct Hostdev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostdev",
    abstract: "Take a PCI device from the host, give it to a guest, and take it back, without ever losing the host.",
    discussion: """
      A SELECTOR is an address (0000:01:00.0, 01:00.0), a device (01:00: all its functions), libvirt's name
      (pci_0000_01_00_0), vendor:device (10ee:5000), group:12, net:enp1s0f0, block:nvme0n1, /dev/nvme0n1, xml:FILE or
      pin:NAME.

      Exit status: 0 done; 1 refused by a check, nothing was changed; 2 the kernel refused, all was put back;
      3 not all was put back: see status and recover; 4 a driver did not answer in time; 64 usage; 65 malformed input;
      66 no such device; 69 something is missing; 70 a fault of hostdev itself; 75 another hostdev holds the lock;
      77 needs root.
      """,
    version: version,
    subcommands: [
      List.self, Show.self, Check.self, Bind.self, Release.self, Reset.self, Sriov.self, XML.self, PinCommand.self,
      Unpin.self, PinsCommand.self, Apply.self, Status.self, Recover.self,
      DoctorCommand.self, ImportCommand.self, SnapshotCommand.self, ImageCommand.self,
    ])

  static let version = "0.1.0"

  static func main() {
    StandardDescriptors.open()
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let isUnderstood = runAsChild(arguments) { Ending.exit(isUnderstood ? 0 : ExitStatus.usage.rawValue) }
    Ending.exit(run(arguments).rawValue)
  }

  /// As one of the processes that we start ourselves; nil where we are none.
  private static func runAsChild(_ arguments: [String]) -> Bool? {
    switch arguments.first {
    case WriterProgram.name: WriterProgram.run(Array(arguments.dropFirst()))
    case VPDProgram.name: VPDProgram.run(Array(arguments.dropFirst()))
    default: nil
    }
  }

  /// The one place where an exit status is decided.
  private static func run(_ arguments: [String]) -> ExitStatus {
    let wantsJSON = arguments.contains("--json")
    do {
      try TestHooks.fail()
      var command = try parseAsRoot(arguments)
      guard let subcommand = command as? any Subcommand else {
        try command.run()
        return .done
      }
      let rendering = try subcommand.perform()
      Output.write(rendering)
      let isLost = rendering.status == .done && Output.hasFailed && !(command is any ChangingCommand)
      return isLost ? .rolledBack : rendering.status
    } catch let diagnostic as Diagnostic {
      return end(with: diagnostic, isJSON: wantsJSON)
    } catch {
      let code = exitCode(for: error)
      // Help, and the version.
      if code.isSuccess { exit(withError: error) }
      guard code == .validationFailure else { return end(with: Diagnostic(unforeseen: error), isJSON: wantsJSON) }
      if wantsJSON {
        return end(with: Diagnostic(.usage, message(for: error), next: "hostdev --help"), isJSON: true)
      }
      Output.progress(fullMessage(for: error))
      return .usage
    }
  }

  private static func end(with diagnostic: Diagnostic, isJSON: Bool) -> ExitStatus {
    Output.write(Rendering(diagnostic, isJSON: isJSON))
    return diagnostic.status
  }
}
