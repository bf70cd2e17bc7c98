import Checks
import Operations
import PCI
import System

/// An entry for the host's journal.
public struct LogEntry: Sendable {
  public let text: String
  public let priority: SystemLog.Priority
  public let fields: [JournalField]
}

extension ApplyResult {
  /// What it did at a moment of the boot, for the journal: an entry a pin, one a finding, with fields to select by.
  public var bootLog: [LogEntry] {
    if moment == .now { return [] }
    if let turnedOff {
      guard moment == .early || moment == .boot else { return [] }
      let reason =
        switch turnedOff {
        case .argument: "hostdev=off is on the kernel command line"
        case .crashKernel: "this kernel writes the dump of a crash"
        }
      return [entry("\(reason): no pin is applied", .notice)]
    }
    guard isMeant, isHost else { return [] }
    var log = (runs + pruned).flatMap { entries(of: $0) }
    if moment == .noRoot { log.append(entry(givenBack, .error)) }
    if !runs.isEmpty {
      log += notYetSeen.map { line in
        entry(
          "\(line); hostdev used the configuration instead, and hostdev-verify.service checks again",
          .info)
      }
    }
    return log
  }

  /// The result for all functions that pins had taken.
  private var givenBack: String {
    func those(_ runs: [PinRun]) -> String { runs.map(\.name).joined(separator: " ") }
    let back = pruned.filter { $0.result == .done }
    let left = pruned.filter { $0.result != .done && $0.result != .inPlace }
    var words = "the boot needs a device that is missing; "
    words += back.isEmpty ? "no pin had a function to release" : "these pins were released to the host: \(those(back))"
    if !left.isEmpty { words += "; not released: \(those(left))" }
    return words
  }

  private func entries(of run: PinRun) -> [LogEntry] {
    var log = run.saidFindings.map { entry($0, of: run) }
    let fields = fields(run)
    log.append(LogEntry(text: run.line, priority: run.priority, fields: fields))
    log += run.notes.map { LogEntry(text: "pin \(run.name): \($0)", priority: .notice, fields: fields) }
    // The run's own line already says that a card is missing.
    if let diagnostic = run.diagnostic, run.result != .absent {
      log.append(
        LogEntry(text: "pin \(run.name): \(diagnostic.text.dropLast())", priority: .error, fields: fields))
    }
    return log
  }

  private func entry(_ text: String, _ priority: SystemLog.Priority) -> LogEntry {
    LogEntry(text: text, priority: priority, fields: [JournalField("HOSTDEV_MOMENT", moment.word)])
  }

  private func fields(_ run: PinRun) -> [JournalField] {
    [
      JournalField("HOSTDEV_MOMENT", moment.word), JournalField("HOSTDEV_PIN", run.name),
      JournalField("HOSTDEV_RESULT", run.result.rawValue), JournalField("HOSTDEV_STATUS", "\(run.status.rawValue)"),
    ] + run.functions.map { JournalField("HOSTDEV_FUNCTION", "\($0)") }
      + run.saidFindings.map { JournalField("HOSTDEV_FINDING", $0.code.rawValue) }
  }

  private func entry(_ finding: Finding, of run: PinRun) -> LogEntry {
    let priority: SystemLog.Priority =
      switch finding.severity {
      case .error: .error
      case .warning: .warning
      case .ok, .info, .unknown: .info
      }
    let fields =
      [
        JournalField("HOSTDEV_MOMENT", moment.word), JournalField("HOSTDEV_PIN", run.name),
        JournalField("HOSTDEV_CODE", finding.code.rawValue),
        JournalField("HOSTDEV_SEVERITY", finding.severity.rawValue),
        JournalField("HOSTDEV_REMEDY", finding.remedy),
      ] + finding.functions.map { JournalField("HOSTDEV_FUNCTION", "\($0)") }
      + finding.evidence.map { JournalField("HOSTDEV_EVIDENCE", $0.description) }
    return LogEntry(
      text:
        "pin \(run.name): \(finding.code): \(finding.message) [\(finding.evidence.map(\.description).joined(separator: "; "))]",
      priority: priority, fields: fields)
  }
}

extension BootMoment {
  /// The field HOSTDEV_MOMENT of what goes to the journal.
  fileprivate var word: String {
    switch self {
    case .now: "now"
    case .early: "early"
    case .boot: "boot"
    case .verify: "verify"
    case .noRoot: "no-root"
    case .appeared: "appeared"
    case .driven: "driven"
    }
  }
}

extension PinRun {
  /// What is in place needs no words of what might be against it.
  fileprivate var saidFindings: [Finding] { result == .inPlace ? [] : allFindings }

  fileprivate var priority: SystemLog.Priority {
    switch result {
    case .inPlace, .done, .planned, .absent: .notice
    case .refused, .contested: .warning
    case .unusable, .rolledBack, .partial, .timeout, .missing: .error
    }
  }

  /// Its result, in one line.
  fileprivate var line: String {
    var words = "pin \(name): \(result.rawValue)"
    if let reason = resolution?.reason, !reason.isEmpty { words += ", \(reason)" }
    for address in functions {
      let state = outcome?.states.first { $0.function == address }?.state
      words += "; \(address)" + (state.map { ": \($0)" } ?? "")
      if result == .done, let driver = takenFrom[address] {
        words += ", taken from \(driver), which had bound it first"
      }
    }
    let codes = Set((self.set?.blocking ?? findings).map(\.code.rawValue)).sorted()
    if !codes.isEmpty, result == .refused || result == .contested { words += ": \(codes.joined(separator: ", "))" }
    return words
  }
}
