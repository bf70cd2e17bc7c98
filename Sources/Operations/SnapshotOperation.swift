import PCI
import Snapshot
import Transactions

extension Workspace {
  /// Writes this host's PCI picture as a tree that stands for `/`. `redact`: without serial numbers and MAC addresses.
  /// `wakes`: configuration space of sleeping functions is read too.
  public func snapshot(to directory: String, redact: Bool, wakes: Bool) throws(Diagnostic) -> SnapshotSummary {
    let open = try journals()
    let pending = Set(open.filter { $0.busy(on: runtime) != nil }.flatMap(\.set))
      .union(host.functions.filter(\.isPending).map(\.address))
    do throws(SnapshotError) {
      return try Snapshot(source: root, wakes: wakes, pending: pending).write(to: directory, redact: redact)
    } catch { throw Diagnostic(error, directory) }
  }

  private func journals() throws(Diagnostic) -> [Journal] {
    do { return try records.openJournals() } catch { throw Diagnostic(error, doing: "cannot read /run/hostdev") }
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
