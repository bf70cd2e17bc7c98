import ArgumentParser
import PCI
import Report
import Snapshot
import System
import Transactions

/// `hostdev snapshot`: this host's PCI picture as a tree that `--root` takes.
struct SnapshotCommand: ChangingCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Write this host's PCI picture as a tree that --root takes.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Leave out serial numbers and MAC addresses.")
  var redact = false

  @Flag(help: "Read the configuration space of sleeping functions too, which powers them up.")
  var wake = false

  @Argument(help: ArgumentHelp("An empty directory, or one that is to be made.", valueName: "dir"))
  var directory: String

  func run() throws {
    let workspace = try Workspace(common)
    let open: [Journal]
    do { open = try Ledger(workspace.root).openJournals() } catch {
      throw Diagnostic(error, doing: "read /run/hostdev")
    }
    let pending = Set(open.filter { $0.busy != nil }.flatMap(\.set))
      .union(workspace.host.functions.filter(\.isPending).map(\.address))
    let summary: SnapshotSummary
    do throws(SnapshotError) {
      summary = try Snapshot(source: workspace.root, wakes: wake, pending: pending).write(to: directory, redact: redact)
    } catch { throw Self.diagnostic(error, directory) }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("directory")
          json.value(directory)
          json.key("files")
          json.value(summary.files)
          json.key("links")
          json.value(summary.links)
          json.key("skipped")
          json.values(summary.skipped.map { "\($0.path): \($0.errno)" })
          json.key("asleep")
          json.values(summary.asleep.map(\.description))
          json.key("processes_unseen")
          json.value(summary.processesUnseen)
        })
      return
    }
    Output.write(
      "\(directory): \(summary.files) files and \(summary.links) links; try: hostdev list --root \(directory)\n")
    for skipped in summary.skipped {
      Output.write("    could not be read: \(printable(skipped.path)): \(skipped.errno)\n")
    }
    for address in summary.asleep {
      Output.write("    \(address) sleeps; its config was left alone (--wake reads it)\n")
    }
    if summary.processesUnseen > 0 {
      Output.write("    the open files of \(summary.processesUnseen) processes could not be seen\n")
    }
  }

  private static func diagnostic(_ error: SnapshotError, _ directory: String) -> Diagnostic {
    switch error {
    case .source(let cause):
      Diagnostic(
        .malformed, "read the host", path: cause.path, errno: cause.errno.name, next: "look whether /sys is mounted")
    case .notEmpty:
      Diagnostic(
        .usage, "\(directory) is not empty", path: directory,
        next: "name a directory that is empty, or that is not there yet")
    case .destination(let cause, let isClean):
      Diagnostic(
        .rolledBack, "write the snapshot: \(cause.call)", path: cause.path, errno: cause.errno.name,
        state: isClean ? "what had been written is removed" : "a part of the snapshot is left there",
        next: "make room, or name another directory")
    }
  }
}
