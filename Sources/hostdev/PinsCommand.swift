import ArgumentParser
import Operations
import Report

/// `hostdev pins`: what is declared, and what is.
struct PinsCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "pins", abstract: "What is declared against what is, one line a function.",
    discussion: "A file that cannot be used is exit 65, and the other pins are shown all the same.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Exit 1 unless every pin is in place.")
  var check = false

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func perform() throws(Diagnostic) -> Rendering {
    Rendering(try PinStatusList(Workspace(common.invocation), names: names), isCheck: check, as: format)
  }
}
