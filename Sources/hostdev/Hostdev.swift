import ArgumentParser
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
      66 no such device; 69 something is missing; 75 another hostdev holds the lock; 77 needs root.
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
    var arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == WriterCommand.name {
      arguments.removeFirst()
      WriterCommand.run(arguments)
      return
    }
    if arguments.first == VPDCommand.name {
      arguments.removeFirst()
      VPDCommand.run(arguments)
      return
    }
    let wantsJSON = arguments.contains("--json")
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      if Output.hasFailed, !(command is any ChangingCommand) { Ending.exit(Diagnostic.Status.rolledBack.rawValue) }
    } catch let diagnostic as Diagnostic {
      report(diagnostic, asJSON: wantsJSON)
    } catch let refusal as PinRefusal {
      refusal.report(asJSON: wantsJSON)
    } catch let code as ExitCode {
      Ending.exit(code.rawValue)
    } catch {
      let code = exitCode(for: error).rawValue
      if code != 0, wantsJSON {
        report(Diagnostic(.usage, message(for: error), next: "hostdev --help"), asJSON: true)
      }
      if code == 0 { exit(withError: error) }
      Output.progress(fullMessage(for: error))
      Ending.exit(code)
    }
  }

  private static func report(_ diagnostic: Diagnostic, asJSON: Bool) -> Never {
    if asJSON { Output.write(JSONWriter.document { diagnostic.write(to: &$0) }) }
    Output.progress(String(diagnostic.text.dropLast()))
    Ending.exit(diagnostic.status.rawValue)
  }
}
