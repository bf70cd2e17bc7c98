import ArgumentParser
import Operations
import Report

/// `hostdev status`: what is held, where it came from, and what is pending or left over.
struct Status: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What hostdev holds, where each function came from, what is pending or left over.")

  @OptionGroup var common: CommonOptions

  func perform() throws(Diagnostic) -> Rendering {
    let workspace = try Workspace(common.invocation)
    return Rendering(try StatusOverview(workspace), names: names(workspace), as: format)
  }
}
