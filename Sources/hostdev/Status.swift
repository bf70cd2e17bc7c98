import ArgumentParser
import Operations
import Report

/// `hostdev status`: what is held, where it came from, and what is pending or left over.
struct Status: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What hostdev holds, and what is left to recover.",
    usage: "hostdev status [<options>]",
    discussion: """
      Shows where each function came from, and every run that is pending or was interrupted.

      Example:
        hostdev status
      """)

  @OptionGroup var common: CommonOptions

  func perform() throws(Diagnostic) -> CommandResult {
    let workspace = try Workspace(common.invocation)
    return CommandResult(.done, Rendering(try StatusOverview(workspace), names: names(workspace), as: format))
  }
}
