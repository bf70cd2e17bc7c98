import ArgumentParser
import Operations
import Report

/// `hostdev snapshot`: this host's PCI picture as a tree that `--root` takes.
struct SnapshotCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Write this host's PCI picture as a tree that --root takes.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Leave out serial numbers and MAC addresses.")
  var redact = false

  @Flag(help: "Read the configuration space of sleeping functions too, which powers them up.")
  var wake = false

  @Argument(help: ArgumentHelp("An empty directory, or one that is to be made.", valueName: "dir"))
  var directory: String

  func perform() throws(Diagnostic) -> Rendering {
    let summary = try Workspace(common.invocation).snapshot(to: directory, redact: redact, wakes: wake)
    return Rendering(summary, in: directory, as: format)
  }
}
