import Host
import Operations
import PCI
import Snapshot

extension Rendering {
  /// What `snapshot` wrote.
  public init(_ summary: SnapshotSummary, in directory: String, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
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
      }
      return
    }
    text(
      "\(directory): \(counted(summary.files, "file")) and \(counted(summary.links, "link")); try: hostdev list --root \(directory)\n"
    )
    for skipped in summary.skipped { text("    could not be read: \(printable(skipped.path)): \(skipped.errno)\n") }
    for address in summary.asleep { text("    \(address) sleeps; its config was not read (--wake reads it)\n") }
    if summary.processesUnseen > 0 {
      text(
        "    the open files of \(summary.processesUnseen == 1 ? "1 process" : "\(summary.processesUnseen) processes") could not be read\n"
      )
    }
  }
}
