import ArgumentParser
import Operations
import Report

/// `hostdev pins`: what is declared, and what is.
struct PinsCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "pins",
    abstract: "Compare what is pinned with what is.",
    usage: "hostdev pins [<options>] [<name> ...]",
    discussion: """
      Prints one line per function. If the file of a pin cannot be used, the other pins are shown all the same, and \
      the exit status is 65.

      Example:
        hostdev pins --check
      """)

  @Flag(help: "Exit 1 unless every pin is in place.")
  var check = false

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Only these pins.", valueName: "name"))
  var names: [String] = []

  func perform() throws(Diagnostic) -> CommandResult {
    let list = try PinStatusList(Workspace(common.invocation), names: names, isCheck: check)
    return CommandResult(list.status, Rendering(list, as: format))
  }
}
