import Pins
import Transactions

extension Diagnostic {
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

  init(_ error: RecordsError, doing: String) {
    switch error {
    case .locked(let holder):
      self.init(
        .locked, "another hostdev is at work (pid, since, command: \(holder))", path: "\(Records.folder)/lock",
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

  public init(_ error: PinError) {
    switch error {
    case .missing(let name, let suggestion):
      self.init(
        .notFound, "no pin \(name)", path: PinFolder.file(name),
        next: (suggestion.map { "the nearest is \($0); " } ?? "") + "hostdev pins shows what there is")
    case .malformed(let file, let line, let key, let reason):
      self.init(
        .malformed,
        "read a pin: " + [line.map { "line \($0)" }, key, reason].compactMap { $0 }.joined(separator: ": "),
        path: file, next: "correct the file; man hostdev has its form")
    case .untrusted(let path, let reason):
      self.init(
        .malformed, "read the pins: \(reason)", path: path,
        next: "look who wrote what is in it, then: chown root:root \(path) && chmod go-w \(path)")
    case .duplicate(let one, let other, let function):
      self.init(
        .malformed, "pins \(one) and \(other) both declare \(function)", path: PinFolder.file(other),
        state: "neither counts", next: "withdraw one of them: hostdev unpin \(one), or hostdev unpin \(other)")
    case .cannotRead(let cause):
      self.init(
        .malformed, "read the pins: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: "look what is there; as root it must be readable")
    case .cannotWrite(let cause):
      self.init(
        .rolledBack, "write the pin: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "make room: df -h /etc" : "make it writable for root, then try again")
    }
  }
}
