import ArgumentParser
import Operations
import Report

/// `hostdev import`: other tools' settings as pins.
struct ImportCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make pins of other tools' settings.",
    usage: "hostdev import [<options>] [<selector> ...]",
    discussion: """
      Reads the files of driverctl, vfio-pci.ids= on the kernel command line, and the options of vfio-pci in \
      modprobe.d. Makes one pin per device, checked as 'hostdev pin' checks it, and prints the lines that it comes \
      from and the commands that take those back afterwards. If an id fits several devices, that is printed and no \
      pin is made. Nothing is moved, except with --now. Exit status 1 if a pin was refused or something is left to \
      decide.

      Example:
        hostdev import
      """)

  @Flag(help: "Write the pins. Without --write they are only shown.")
  var write = false

  @Flag(help: "With --write: also bind the functions now. If that fails, that pin is withdrawn.")
  var now = false

  @Option(help: ArgumentHelp("The name of the pin, if there is one to make.", valueName: "name"))
  var name: String?

  @OptionGroup var image: ImageOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var writes: WriteOptions
  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Only these devices.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if write, change.dryRun { throw ValidationError("--write and --dry-run exclude each other") }
    if now || image.updateInitramfs, !write { throw ValidationError("--now and --update-initramfs need --write") }
    if writes.timeout != nil, !now { throw ValidationError("--timeout needs --now") }
    if let name { try requirePinName(name) }
  }

  func perform() throws(Diagnostic) -> CommandResult {
    var change = change
    change.dryRun = !write
    var invocation = change.invocation(common, writes: writes)
    invocation.printsAtTheEnd()
    var request = ImportRequest()
    request.selectors = selectors
    request.name = name
    request.isNow = now
    request.maker = try image.maker(invocation)
    var transaction = try Change(invocation)
    let result = try transaction.importPins(request)
    return CommandResult(result.status, Rendering(result, as: format))
  }
}
