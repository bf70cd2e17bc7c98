import Host
import Operations
import PCI
import PCINames
import System
import Transactions

extension Rendering {
  /// What `status` says.
  public init(_ status: StatusOverview, names: Names, as format: Format) {
    self.init()
    if format.isJSON {
      json { status.write(to: &$0) }
      return
    }
    if status.held.isEmpty, status.runs.isEmpty { text("hostdev holds nothing, and no run was interrupted.\n") }
    if !status.held.isEmpty {
      var table = Table(header: ["ADDRESS", "NAME", "NOW", "CAME FROM", "SINCE", ""])
      for held in status.held { table.row(held.row(names)) }
      text(table.text(format.style, columns: format.columns, elastic: 1))
    }
    for run in status.runs { text(run.text(format.style)) }
  }
}

extension StatusOverview.Held {
  fileprivate func row(_ names: Names) -> [String] {
    [
      "\(hold.function)", function.map { printable(describe($0, names.names(of: $0))) } ?? "gone",
      function?.driver.text { $0 } ?? "-", "\(hold.home)", Clock.text(hold.since), drift?.description ?? "",
    ]
  }

  fileprivate func write(to json: inout JSONWriter) {
    json.key("address")
    json.value(hold.function.description)
    json.key("driver")
    json.value(function?.driver.value)
    json.key("home")
    Report.write(hold.home, to: &json)
    json.key("since")
    json.value(Clock.text(hold.since))
    json.key("command")
    json.values(hold.command)
    json.key("forced")
    json.values(hold.forced)
    json.key("pin")
    json.value(hold.pin)
    json.key("drift")
    json.value(drift?.description)
  }
}

extension StatusOverview.Run {
  fileprivate func text(_ style: Style) -> String {
    let command = printable(journal.command.joined(separator: " "))
    var text =
      "\(style.mark(isUnderWay ? .info : .error)) \(style.bold(isUnderWay ? "running" : "interrupted"))"
      + "  '\(command)', since \(Clock.text(journal.begun))\n"
    for (prior, target) in zip(journal.prior, journal.target) {
      let now = drivers[prior.function].map { $0.isAbsent ? "no driver" : $0.text { $0 } } ?? "?"
      text += "    \(prior.function)  now: \(now)  before: \(prior.state)  requested: \(target.state)\n"
    }
    if let pendingIn {
      let path = journal.pending.first.map { ": \($0.path)" } ?? ""
      text += "    process \(pendingIn) still waits for the kernel\(path)\n"
    }
    return text + (isUnderWay ? "" : "\(style.arrow) hostdev recover\n")
  }

  /// For people and scripts that look at what is left over.
  fileprivate func write(to json: inout JSONWriter) {
    json.key("id")
    json.value(journal.id)
    json.key("kind")
    json.value(journal.kind.rawValue)
    json.key("command")
    json.values(journal.command)
    json.key("functions")
    json.values(journal.set.map(\.description))
    json.key("begun")
    json.value(Clock.text(journal.begun))
    json.key("under_way")
    json.value(isUnderWay)
    json.key("pending")
    guard let pendingIn else { return json.null() }
    json.object { json in
      json.key("pid")
      json.value(Int(pendingIn))
      json.key("path")
      json.value(journal.pending.first?.path)
    }
  }
}

extension StatusOverview {
  fileprivate func write(to json: inout JSONWriter) {
    json.key("held")
    json.array { json in for one in held { json.object { one.write(to: &$0) } } }
    json.key("interrupted")
    json.array { json in for run in runs { json.object { run.write(to: &$0) } } }
  }
}

/// A state: driver and override, each null where there is none.
func write(_ state: State, to json: inout JSONWriter) {
  json.object { json in
    json.key("driver")
    json.value(state.driver.name)
    json.key("driver_override")
    json.value(state.override)
  }
}
