import ArgumentParser
import Checks
import Host
import Operations
import PCI
import Report

/// `hostdev list`: one line per function.
struct List: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "One line per function: class, name, driver, verdict.",
    usage: "hostdev list [<options>] [<selector> ...]",
    discussion: """
      Lists endpoints, unless --all or a selector asks for more. If no function passes a filter, nothing is printed, \
      and that is not an error.

      Example:
        hostdev list --driver nvme
      """)

  @Flag(help: "List bridges too.")
  var all = false

  @Option(help: "Only functions on this driver; 'none' for those without one.")
  var driver: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Only this class: 0x0108, or its first digits.", valueName: "code"))
  var classCode: String?

  @Flag(help: "Only candidates for a guest, as far as this command can see.")
  var candidate = false

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The functions to list, bridges included.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws(ValidationError) {
    if let classCode, classPrefix == nil {
      throw ValidationError("--class needs one to six hex digits, not '\(classCode)'")
    }
  }

  private var classPrefix: String? {
    guard let classCode else { return nil }
    let digits = (classCode.hasPrefix("0x") ? String(classCode.dropFirst(2)) : classCode).lowercased()
    return (1...6).contains(digits.utf8.count) && digits.utf8.allSatisfy { hexDigit($0) != nil } ? digits : nil
  }

  func perform() throws(Diagnostic) -> CommandResult {
    let workspace = try Workspace(common.invocation)
    let host = workspace.host
    let functions =
      selectors.isEmpty ? host.functions : try workspace.set(selectors).compactMap { host[$0] }
    let shown = functions.filter { passes($0, in: host) }
    return CommandResult(.done, Rendering(shown, in: host, names: names(workspace), as: format))
  }

  private func passes(_ function: Function, in host: Host) -> Bool {
    if selectors.isEmpty, !all, !function.isEndpoint { return false }
    if let driver {
      let isMeant = function.driver.value.map { DriverName.isSame($0, driver) } ?? false
      if driver == "none" ? !function.driver.isAbsent : !isMeant { return false }
    }
    if let classPrefix, function.classCode.value.map({ hexText($0.value, digits: 6).hasPrefix(classPrefix) }) != true {
      return false
    }
    return !candidate || Verdict(of: function, in: host) == .candidate
  }
}
