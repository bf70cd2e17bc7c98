import ArgumentParser
import Operations
import Report

/// `hostdev snapshot`: this host's PCI picture as a tree that `--root` takes.
struct SnapshotCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Write this host's PCI state as a tree for --root.",
    usage: "hostdev snapshot [<options>] <dir>",
    discussion: """
      The tree holds what hostdev reads of sysfs, procfs, /etc and /boot. The other commands take it with --root, on \
      any machine.

      Example:
        hostdev snapshot my-host
      """)

  @Flag(help: "Leave out serial numbers and MAC addresses.")
  var redact = false

  @Flag(help: "Wake sleeping functions to read their configuration space.")
  var wake = false

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The directory to write: a new or an empty one.", valueName: "dir"))
  var directory: String

  func perform() throws(Diagnostic) -> CommandResult {
    let summary = try Workspace(common.invocation).snapshot(to: directory, redact: redact, wakes: wake)
    return CommandResult(.done, Rendering(summary, in: directory, as: format))
  }
}
