import Report
import Transactions

extension Diagnostic {
  /// In a line: what was being done, to which path, and the answer.
  var line: String { ([operation] + [path, errno].compactMap { $0 }).joined(separator: ": ") }

  init(_ result: Outcome.Result, _ failure: Failure) {
    let status: Status =
      switch result {
      case .timeout: .timeout
      case .partial: .partial
      case .rolledBack, .done, .refused: failure.isMissingModule ? .missing : .rolledBack
      }
    self.init(
      status, failure.operation, path: failure.path, errno: failure.errno, state: failure.state, next: failure.next)
  }

  init(_ error: LedgerError, doing: String) {
    switch error {
    case .locked(let holder):
      self.init(
        .locked, "another hostdev is at work (pid, since, command: \(holder))", path: "\(Ledger.folder)/lock",
        next: "wait for it, or let this one wait: --wait 60")
    case .malformed(let file, let reason):
      self.init(
        .malformed, "\(doing): \(reason)", path: file,
        next: "look at the file; if nothing in it is needed, move it away: mv \(file) /root/")
    case .cannotRead(let cause):
      self.init(
        .malformed, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: "look what is there; as root it must be readable")
    case .cannotWrite(let cause):
      self.init(
        .rolledBack, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "make room under /run: df -h /run" : "make it readable and writable for root, then try again")
    }
  }
}
