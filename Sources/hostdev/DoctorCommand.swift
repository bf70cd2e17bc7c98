import ArgumentParser
import Operations
import Report

/// `hostdev doctor`: is this host ready?
struct DoctorCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Is this host ready to give devices to guests?",
    usage: "hostdev doctor [<options>]",
    discussion: """
      Looks at IOMMU, interrupt remapping, modules, boot arguments, stale overrides, and drift from what is held and \
      pinned. Each check prints what it found, where (file and line), and what to do. Nothing is changed. Exit \
      status 0 if the host is ready; 1 if a check is an error, or if it could not be read whether there is an IOMMU or \
      vfio-pci.

      Example:
        hostdev doctor
      """)

  @OptionGroup var common: CommonOptions

  @Flag(name: .shortAndLong, help: "Show the checks that are fine, too.")
  var verbose = false

  func perform() throws(Diagnostic) -> CommandResult {
    let readiness = try Workspace(common.invocation).readiness()
    return CommandResult(readiness.status, Rendering(readiness, isVerbose: verbose, as: format))
  }
}
