import ArgumentParser
import Diagnosis
import Host
import Inventory
import PCI
import Report
import Settings
import Transactions

/// `hostdev doctor`: is this host ready?
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Is this host ready: IOMMU, interrupt remapping, modules, boot arguments, stale overrides, drift.",
    discussion: """
      Each check says what it found, where (file and line), and the way out. It changes nothing. Exit status 0 where
      nothing is an error, else 1.
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let workspace = try Workspace(common)
    let checks = Doctor.checks(of: Self.examine(workspace))
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("verdict")
          json.value(checks.isReady ? "ready" : "not-ready")
          json.key("checks")
          write(checks, to: &json)
        })
    } else {
      for check in checks { Output.write(check.text(common.style)) }
      Output.write(Self.verdict(checks, common.style))
    }
    if !checks.isReady { throw ExitCode(1) }
  }

  /// Everything that is looked at, and nothing that could block: an override that a pending write waits for is not read.
  static func examine(_ workspace: Workspace) -> Examination {
    var trouble: String?
    var held: [Hold] = []
    var journals: [Journal] = []
    do throws(LedgerError) {
      held = try Ledger(workspace.root).held()
      journals = try Ledger(workspace.root).openJournals()
    } catch { trouble = Diagnostic(error, doing: "read /run/hostdev").line }
    let pending = Set(journals.filter { $0.busy != nil }.flatMap(\.set))
      .union(workspace.host.functions.filter(\.isPending).map(\.address))
    workspace.scanner.readOverrides(of: &workspace.host)
    let functions = workspace.host.functions
    // Of these more is asked than an override: whose VF it is, and which VFIO node a guest has open.
    let looked = functions.filter { function in
      !pending.contains(function.address)
        && (!function.driverOverride.isAbsent || function.driver.value.map(VFIODriver.leavesGroupViable) ?? false)
    }.map(\.address)
    workspace.detail(looked)
    var found = Examination(
      host: workspace.host, surroundings: workspace.surroundings,
      settings: HostSettings(reading: workspace.sysfs, functions: functions.map(\.address)),
      isCapture: !workspace.isHost)
    found.usage = workspace.evidence.gather(
      looked.filter { workspace.host[$0]?.driver.value.map(VFIODriver.leavesGroupViable) ?? false }, in: workspace.host)
    found.held = held
    found.pending = pending
    found.interrupted = workspace.interrupted(journals)
    found.ledgerTrouble = trouble
    (found.pins, found.pinsTrouble) = workspace.declaredPins()
    // Looking for serial numbers may have told more of the functions.
    found.host = workspace.host
    found.images = workspace.images(found.settings.boot.images)
    return found
  }

  private static func verdict(_ checks: [ReadinessCheck], _ style: Style) -> String {
    if checks.isReady { return style.good("ready") + "\n" }
    let codes = Set(checks.filter { $0.severity == .error }.map(\.code.rawValue)).sorted()
    return style.bold("not ready") + ": " + codes.joined(separator: ", ") + "\n"
  }
}
