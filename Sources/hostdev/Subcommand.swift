import ArgumentParser
import Operations
import PCINames
import Report

/// A subcommand: it parses, calls an operation, and says how what came of it is shown. `Hostdev.main` prints that and ends
/// with its exit status.
protocol Subcommand: ParsableCommand {
  var common: CommonOptions { get }

  func perform() throws(Diagnostic) -> Rendering
}

/// A command that changes something: what it did stays done, even if its output is lost.
protocol ChangingCommand: Subcommand {}

extension Subcommand {
  var format: Format { common.format }

  /// For names: a host, and the table that goes with it.
  func names(_ workspace: Workspace) -> Names { Names(root: workspace.root) }
}
