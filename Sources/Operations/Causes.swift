import Pins
import Transactions

extension Diagnostic {
  init(_ result: Outcome.Result, _ failure: Failure) {
    let status: Status =
      switch result {
      case .timeout: .timeout
      case .partial: .partial
      case .rolledBack, .done, .unchanged, .refused: failure.isMissingModule ? .missing : .rolledBack
      }
    self.init(
      status, failure.operation, path: failure.path, errno: failure.errno, state: failure.state, next: failure.next)
  }

  init(_ error: RecordsError, doing: String) {
    switch error {
    case .locked(let holder):
      self.init(
        .locked, "\(Self.holder(holder)) holds the lock", path: "\(Records.folder)/lock",
        next: "wait for it with --wait 60")
    case .malformed(let file, let reason):
      self.init(
        .malformed, "\(doing): \(reason)", path: file,
        next: "look at the file; if you do not need it: mv \(file) /root/")
    case .cannotRead(let cause) where cause.errno == .accessDenied:
      // The folder is root's alone.
      self.init(
        .notRoot, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name, next: "run it as root")
    case .cannotRead(let cause):
      self.init(
        .malformed, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: "make it readable for root, then run it again")
    case .cannotWrite(let cause):
      self.init(
        .rolledBack, "\(doing): \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "free some space in /run: df -h /run" : "make it readable and writable for root, then run it again")
    }
  }

  /// Who holds the lock, out of the file's line: pid, time, command. A line that is none of that is shown as it is.
  private static func holder(_ line: String) -> String {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[1].hasSuffix("Z"), let time = words[1].dropLast().split(separator: "T").last else {
      return "another hostdev (\(line))"
    }
    return "'hostdev \(words[2])' (pid \(words[0]), since \(time) UTC)"
  }

  public init(_ error: PinError) {
    switch error {
    case .missing(let name, let suggestion):
      self.init(
        .notFound, "there is no pin \(name)", path: PinFolder.file(name),
        next: (suggestion.map { "the nearest is \($0); " } ?? "") + "see: hostdev pins")
    case .malformed(let file, let line, let key, let reason):
      self.init(
        .malformed,
        "cannot read a pin: " + [line.map { "line \($0)" }, key, reason].compactMap { $0 }.joined(separator: ": "),
        path: file, next: "correct the file; for its format: man hostdev")
    case .untrusted(let path, let reason):
      self.init(
        .malformed, "cannot use the pins: \(reason)", path: path,
        next: "check who wrote what is in it, then: chown root:root \(path) && chmod go-w \(path)")
    case .duplicate(let one, let other, let function):
      self.init(
        .malformed, "pins \(one) and \(other) both declare \(function)", path: PinFolder.file(other),
        state: "both are ignored", next: "withdraw one of them: hostdev unpin \(one); or: hostdev unpin \(other)")
    case .cannotRead(let cause):
      self.init(
        .malformed, "cannot read the pins: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: "make it readable for root, then run it again")
    case .cannotWrite(let cause):
      self.init(
        .rolledBack, "cannot write the pin: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "free some space: df -h /etc" : "make it writable for root, then run it again")
    }
  }
}
