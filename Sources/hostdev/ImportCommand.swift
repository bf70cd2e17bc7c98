import ArgumentParser
import Operations
import Report

/// `hostdev import`: other tools' settings as pins.
struct ImportCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make pins of what driverctl, vfio-pci.ids= and modprobe.d say; shown first, written with --write.",
    discussion: """
      One pin a device, checked as 'hostdev pin' checks it, with the lines that it comes from and the commands that take
      those back afterwards. An id that fits several devices is said and not guessed. Nothing is moved. Exit status 1
      where a pin was refused, or something is left to decide.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Flag(help: "Write the pins; without it they are only shown.")
  var write = false

  @Option(help: ArgumentHelp("The pin's name, where it is one.", valueName: "name"))
  var name: String?

  @Argument(help: ArgumentHelp("These devices alone.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if write, change.dryRun { throw ValidationError("--write and --dry-run exclude each other") }
    if let name { try requirePinName(name) }
  }

  func perform() throws(Diagnostic) -> Rendering {
    var change = change
    change.dryRun = !write
    return Rendering(try Change(change.invocation(common)).importPins(selectors, name: name), as: format)
  }
}
