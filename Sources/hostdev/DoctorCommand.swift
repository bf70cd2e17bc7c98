import ArgumentParser
import Operations
import Report

/// `hostdev doctor`: is this host ready?
struct DoctorCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Is this host ready: IOMMU, interrupt remapping, modules, boot arguments, stale overrides, drift.",
    discussion: """
      Each check says what it found, where (file and line), and the way out. It changes nothing. Exit status 0 where
      nothing is an error, else 1.
      """)

  @OptionGroup var common: CommonOptions

  func perform() throws(Diagnostic) -> Rendering {
    Rendering(try Workspace(common.invocation).readiness(), as: format)
  }
}
