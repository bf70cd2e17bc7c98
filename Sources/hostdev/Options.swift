import ArgumentParser
import Checks
import Host
import Operations
import Report
import System

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color: ColorChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Use the capture in this directory; the kernel simulator answers changes.", valueName: "dir"),
    completion: .directory)
  var root = "/"

  var format: Format { Format(isJSON: json, style: style, columns: Environment.outputColumns) }

  private var style: Style {
    switch color {
    case .always: Style(isColoured: true, isUnicode: Environment.isUTF8)
    case .never: Style(isColoured: false, isUnicode: Environment.isUTF8)
    case .auto:
      Style(
        isColoured: Environment.outputIsTerminal && (Environment.value("NO_COLOR") ?? "").isEmpty,
        isUnicode: Environment.isUTF8)
    }
  }

  /// How we were called; what an operation tells while it is under way is printed.
  var invocation: Invocation {
    var invocation = Invocation(command: Arguments.all) { path throws(SystemError) in
      path == "-" ? try StandardInput.read() : try WorkingDirectory.read(path)
    }
    invocation.root = root
    invocation.isRoot = User.isRoot
    invocation.user = User.number
    invocation.sshConnection = Environment.value("SSH_CONNECTION")
    invocation.hooks = TestHooks.hooks(below: root)
    let format = format
    invocation.report = { progress in if let piece = progress.text(format) { Output.write(piece) } }
    return invocation
  }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

/// What `--driver` gives becomes part of a path and an override.
func requireDriverName(_ name: String?) throws(ValidationError) {
  if let name, !DriverName.isSound(name) {
    throw ValidationError("'\(name)' is not the name of a driver")
  }
}
