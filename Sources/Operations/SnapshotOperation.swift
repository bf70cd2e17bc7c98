import PCI
import Snapshot
import Transactions

extension Workspace {
  /// Writes this host's PCI picture as a tree that stands for `/`. `redact`: without serial numbers and MAC addresses.
  /// `wakes`: configuration space of sleeping functions is read too.
  public func snapshot(to directory: String, redact: Bool, wakes: Bool) throws(Diagnostic) -> SnapshotSummary {
    let pending = try records.readJournals(doing: "cannot read /run/hostdev").unsettled(on: runtime)
      .union(host.functions.filter(\.isPending).map(\.address))
    do throws(SnapshotError) {
      return try Snapshot(source: root, wakes: wakes, pending: pending).write(to: directory, redact: redact)
    } catch { throw Diagnostic(error, directory) }
  }
}

extension Diagnostic {
  fileprivate init(_ error: SnapshotError, _ directory: String) {
    switch error {
    case .source(let cause):
      self.init(
        .malformed, "cannot read the host", path: cause.path, errno: cause.errno.name,
        next: "check that /sys is mounted")
    case .notEmpty:
      self.init(
        .usage, "\(directory) is not empty", path: directory,
        next: "name a directory that is empty or does not exist yet")
    case .destination(let cause, let isClean):
      self.init(
        .rolledBack, "cannot write the snapshot: \(cause.call)", path: cause.path, errno: cause.errno.name,
        state: isClean ? "the incomplete snapshot was removed" : "an incomplete snapshot is left there",
        next: "free some space, or name another directory")
    }
  }
}
