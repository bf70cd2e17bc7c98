import ArgumentParser
import Assessment
import Assignment
import Host
import PCI
import Report
import Transactions

/// `hostdev reset`: reset one function now.
struct Reset: ChangingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reset one function now, unless somebody else would feel it or a host driver is bound.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions

  @Option(help: ArgumentHelp("Reset by this method only: flr, af_flr, pm, bus, …", valueName: "name"))
  var method: String?

  @Argument(help: ArgumentHelp("One function.", valueName: "selector"))
  var selector: String

  func run() throws {
    let run = try Change(common, change)
    let set = Workspace.set(try run.workspace.resolve([selector]))
    guard let address = set.first, set.count == 1 else {
      throw Diagnostic(
        .usage, "\(selector) names \(set.count) functions: \(set.map(\.description).joined(separator: ", "))",
        next: "reset takes one function at a time")
    }
    run.workspace.detail(set)
    guard let function = run.workspace.host[address] else { return }
    let methods = ResetForecast(of: function, in: run.workspace.host).methods ?? []
    if let method, !methods.contains(method) {
      throw Diagnostic(
        .usage, "\(method) is no method that works for \(address)",
        path: "/sys/bus/pci/devices/\(address)/reset_method",
        next: methods.isEmpty ? "nothing resets this function by itself" : "these do: \(methods.joined(separator: " "))"
      )
    }
    var state = function.state
    var after = state
    var plan = [Step.reset(address)]
    if let method, methods != [method] {
      let words = methods.joined(separator: " ")
      state.attributes["reset_method"] = function.kernelResetMethods.value?.joined(separator: " ") ?? words
      after.attributes["reset_method"] = words
      plan = [
        .attribute("reset_method", method, of: address, prior: state.attributes["reset_method"]), .reset(address),
        .attribute("reset_method", words, of: address, prior: method),
      ]
    }
    let prior = [Placement(address, state)]
    let target = [Placement(address, after)]
    func look() -> AssessedSet {
      run.workspace.detail(set)
      let usage = run.workspace.evidence.gather(set, in: run.workspace.host)
      return AssessedSet(
        functions: set, assessment: Assessment(of: run.workspace.situation(set, .reset, usage: usage)),
        forced: change.forced, plan: plan, descriptorsSeen: usage.descriptorsSeen,
        processesUnseen: usage.processesUnseen)
    }
    try run.carryOut(look(), verb: "reset", again: look) {
      run.journal(.reset, prior: prior, target: target, plan: plan)
    }
  }
}
