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
      "Work on the capture in this directory; changes are answered by the kernel simulator.", valueName: "dir"))
  var root = "/"

  var format: Format { Format(isJSON: json, style: style, columns: Environment.outputColumns) }

  private var style: Style {
    switch color {
    case .always: Style(isColoured: true)
    case .never: Style(isColoured: false)
    case .auto: Style(isColoured: Environment.outputIsTerminal && (Environment.value("NO_COLOR") ?? "").isEmpty)
    }
  }

  /// How we were called; what an operation tells while it is under way is printed.
  var invocation: Invocation {
    var invocation = Invocation(command: CommandLine.arguments) { path throws(SystemError) in
      path == "-" ? try StandardInput.read() : try WorkingDirectory.read(path)
    }
    invocation.root = root
    invocation.isRoot = User.isRoot
    invocation.sshConnection = Environment.value("SSH_CONNECTION")
    invocation.hooks = TestHooks.hooks
    let format = format
    invocation.report = { progress in if let piece = progress.text(format) { Output.write(piece) } }
    return invocation
  }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

/// What every command that changes something takes.
struct ChangeOptions: ParsableArguments {
  @Flag(help: "Print the exact writes, in order, as lines that sh runs to the same effect; make none of them.")
  var dryRun = false

  @Flag(help: "Add what must come along.")
  var whole = false

  @Option(help: ArgumentHelp("Overrule these findings, by their codes.", valueName: "code[,code]"))
  var force: [CodeList] = []

  @Option(help: ArgumentHelp("Seconds for each write (default: unbind 120, reset 90, else 60).", valueName: "seconds"))
  var timeout: Double?

  @Option(help: ArgumentHelp("Seconds to wait for the host-wide lock.", valueName: "seconds"))
  var wait: Double = 0

  func validate() throws(ValidationError) {
    if let timeout, !(timeout >= 0.1 && timeout <= 86400) {
      throw ValidationError("--timeout wants seconds, from 0.1 to 86400")
    }
    if !(wait >= 0 && wait <= 86400) { throw ValidationError("--wait wants seconds, from 0 to 86400") }
  }

  func invocation(_ common: CommonOptions) -> Invocation {
    var invocation = common.invocation
    invocation.isDryRun = dryRun
    invocation.addsMissing = whole
    invocation.forced = Set(force.flatMap(\.codes))
    invocation.timeout = timeout
    invocation.wait = wait
    return invocation
  }
}

/// What `--driver` gives becomes part of a path and an override.
func requireDriverName(_ name: String?) throws(ValidationError) {
  if let name, !DriverName.isSound(name) {
    throw ValidationError("'\(name)' is no driver's name")
  }
}

/// `CODE[,CODE]`, each one that there is.
struct CodeList: ExpressibleByArgument {
  let codes: [FindingCode]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    codes = words.compactMap { FindingCode(ofSet: String($0)) }
    if codes.count < words.count { return nil }
  }
}
