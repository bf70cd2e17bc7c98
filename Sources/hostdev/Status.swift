import ArgumentParser
import Host
import PCI
import Report
import System
import Transactions

/// `hostdev status`: what is held, where it came from, and what is pending or left over.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What hostdev holds, where each function came from, what is pending or left over.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let workspace = try Workspace(common)
    let ledger = Ledger(workspace.root)
    let held: [Hold]
    let open: [Journal]
    do {
      held = try ledger.held()
      open = try ledger.openJournals()
    } catch { throw Diagnostic(error, doing: "read /run/hostdev") }
    let pending = Set(open.filter { $0.busy != nil }.flatMap(\.set))
    // An override that a pending write waits for would make us wait as well.
    workspace.scanner.detail(held.map(\.function).filter { !pending.contains($0) }, of: &workspace.host)
    if common.json { return json(held, open, pending, workspace) }
    if held.isEmpty, open.isEmpty { Output.write("nothing is held, nothing is pending\n") }
    if !held.isEmpty {
      var table = Table(header: ["ADDRESS", "NAME", "NOW", "CAME FROM", "SINCE", ""])
      for hold in held {
        let function = workspace.host[hold.function]
        table.row([
          "\(hold.function)", function.map { printable(describe($0, workspace.names(of: $0))) } ?? "gone",
          function?.driver.text { $0 } ?? "-", "\(hold.home)", Clock.text(hold.since),
          Self.drift(hold, workspace, pending) ?? "",
        ])
      }
      Output.write(table.text(common.style, columns: Environment.outputColumns, elastic: 1))
    }
    for journal in open {
      Output.write(
        "\(common.style.bold(journal.isUnderWay ? "under way" : "interrupted")): \(printable(journal.command.joined(separator: " "))) (\(Clock.text(journal.begun)))\n"
      )
      for (prior, target) in zip(journal.prior, journal.target) {
        let now = pending.contains(prior.function) ? "?" : workspace.scanner.driver(prior.function).text { $0 }
        Output.write("    \(prior.function): from (\(prior.state)) to (\(target.state)); now \(now)\n")
      }
      if let writer = journal.busy {
        Output.write("    pending in process \(writer.pid)\(journal.pending.first.map { ": \($0.path)" } ?? "")\n")
      }
      if !journal.isUnderWay { Output.write("    → hostdev recover\n") }
    }
  }

  /// How a held function is no longer as hostdev left it; nil where it is.
  static func drift(_ hold: Hold, _ workspace: Workspace, _ pending: Set<Address>) -> String? {
    hold.drift(from: workspace.host[hold.function], isPending: pending.contains(hold.function))?.description
  }

  private func json(_ held: [Hold], _ open: [Journal], _ pending: Set<Address>, _ workspace: Workspace) {
    Output.write(
      JSONWriter.document { json in
        json.key("held")
        json.array { json in
          for hold in held {
            json.object { json in
              json.key("address")
              json.value(hold.function.description)
              json.key("driver")
              json.value(workspace.host[hold.function]?.driver.value)
              json.key("home")
              write(hold.home, to: &json)
              json.key("since")
              json.value(Clock.text(hold.since))
              json.key("command")
              json.values(hold.command)
              json.key("forced")
              json.values(hold.forced)
              json.key("pin")
              json.value(hold.pin)
              json.key("drift")
              json.value(Self.drift(hold, workspace, pending))
            }
          }
        }
        json.key("interrupted")
        json.array { json in for journal in open { write(journal, to: &json) } }
      })
  }
}

/// A state: driver and override, each null where there is none.
func write(_ state: State, to json: inout JSONWriter) {
  json.object { json in
    json.key("driver")
    json.value(state.driver == State.any ? nil : state.driver)
    json.key("driver_override")
    json.value(state.override)
  }
}

/// An open journal, for people and scripts that look at what is left over.
func write(_ journal: Journal, to json: inout JSONWriter) {
  json.object { json in
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
    json.value(journal.isUnderWay)
    json.key("pending")
    if let writer = journal.busy {
      json.object { json in
        json.key("pid")
        json.value(Int(writer.pid))
        json.key("path")
        json.value(journal.pending.first?.path)
      }
    } else {
      json.null()
    }
  }
}
