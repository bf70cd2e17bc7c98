import Assessment
import PCI
import Report
import Sysfs
import System

/// What `apply` did at an hour of the boot, for the journal: an entry a pin, one a finding, with fields to select by.
struct BootReport {
  let moment: BootMoment.Kind

  func say(_ runs: [PinRun]) {
    for run in runs {
      for finding in run.saidFindings { say(finding, of: run) }
      SystemLog.event(run.line, run.priority, fields(run))
      for note in run.notes { SystemLog.event("pin \(run.name): \(note)", .notice, fields(run)) }
      // That a card is not there is said already.
      if let diagnostic = run.diagnostic, run.result != .absent {
        SystemLog.event("pin \(run.name): \(diagnostic.text.dropLast())", .error, fields(run))
      }
    }
  }

  func say(_ text: String, _ priority: SystemLog.Priority = .info) {
    SystemLog.event(text, priority, [JournalField("HOSTDEV_MOMENT", moment.word)])
  }

  private func fields(_ run: PinRun) -> [JournalField] {
    [
      JournalField("HOSTDEV_MOMENT", moment.word), JournalField("HOSTDEV_PIN", run.name),
      JournalField("HOSTDEV_RESULT", run.result.rawValue), JournalField("HOSTDEV_STATUS", "\(run.status)"),
    ] + run.functions.map { JournalField("HOSTDEV_FUNCTION", "\($0)") }
      + run.saidFindings.map { JournalField("HOSTDEV_FINDING", $0.code) }
  }

  private func say(_ finding: Finding, of run: PinRun) {
    let priority: SystemLog.Priority =
      switch finding.severity {
      case .error: .error
      case .warning: .warning
      case .info: .info
      }
    SystemLog.event(
      "pin \(run.name): \(finding.code): \(finding.message) [\(finding.evidence.joined(separator: "; "))]", priority,
      [
        JournalField("HOSTDEV_MOMENT", moment.word), JournalField("HOSTDEV_PIN", run.name),
        JournalField("HOSTDEV_CODE", finding.code), JournalField("HOSTDEV_SEVERITY", finding.severity.rawValue),
        JournalField("HOSTDEV_REMEDY", finding.remedy),
      ] + finding.functions.map { JournalField("HOSTDEV_FUNCTION", "\($0)") }
        + finding.evidence.map { JournalField("HOSTDEV_EVIDENCE", $0) })
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

  /// What became of it, in a line.
  fileprivate var line: String {
    var words = "pin \(name): \(result.rawValue)"
    if let reason = resolution?.reason, !reason.isEmpty { words += ", \(reason)" }
    for address in functions {
      let state = outcome?.states.first { $0.function == address }?.state
      words += "; \(address)" + (state.map { ": \($0)" } ?? "")
      if result == .done, let driver = takenFrom[address] { words += ", taken off \(driver), which had been faster" }
    }
    let codes = Set((self.set?.blocking ?? findings).map(\.code)).sorted()
    if !codes.isEmpty, result == .refused || result == .contested { words += ": \(codes.joined(separator: ", "))" }
    return words
  }
}

extension Workspace {
  /// What of the host's use cannot be seen at this hour: its configuration speaks for it.
  var notYetSeen: [String] {
    var lines: [String] = []
    let interfaces = sysfs.names(in: "/sys/class/net").filter { $0 != "lo" }
    let up = interfaces.filter { (sysfs.fact("/sys/class/net/\($0)/operstate").value ?? "down") == "up" }
    if !interfaces.isEmpty, up.isEmpty {
      lines.append("no interface is up: addresses, routes, bonds and bridges are not there yet")
    }
    if sysfs.names(in: "/run/udev/data").isEmpty {
      lines.append("/run/udev/data is empty: what is on the disks is not known yet")
    }
    return lines
  }
}
