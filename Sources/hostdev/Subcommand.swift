import ArgumentParser
import Operations
import PCINames
import Report

/// A subcommand: it parses, calls an operation, and says how the result is shown.
protocol Subcommand: ParsableCommand {
  var common: CommonOptions { get }
  /// It changes something, so its JSON always has the keys of a change.
  var isChange: Bool { get }

  func perform() throws(Diagnostic) -> CommandResult
}

/// What a subcommand prints, and the exit status that its operation has. `Hostdev.main` ends the program with it.
struct CommandResult {
  let status: ExitStatus
  let rendering: Rendering

  init(_ status: ExitStatus, _ rendering: Rendering) {
    self.status = status
    self.rendering = rendering
  }
}

/// A command that changes something: what it did stays done, even if its output is lost.
protocol ChangingCommand: Subcommand {}

extension ChangingCommand {
  var isChange: Bool { true }
}

extension Subcommand {
  var isChange: Bool { false }

  var format: Format { common.format }

  /// For names: a host, and the table that goes with it.
  func names(_ workspace: Workspace) -> Names { Names(root: workspace.root) }
}
