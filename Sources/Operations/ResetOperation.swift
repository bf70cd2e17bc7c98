import Checks
import Planning
import Host
import PCI
import Transactions

extension Change {
  /// Resets one function now. `method`: by this one only, as the kernel names it.
  public mutating func reset(_ selector: String, method: String? = nil) throws(Diagnostic) -> OperationResult {
    let set = try workspace.set([selector])
    let address = try workspace.one(set, of: selector, operation: "reset takes one function")
    let operation = ResetOperation(address: address, method: method, forced: invocation.forced)
    let plan = try operation.plan(on: workspace)
    invocation.noteForce(among: plan.assessed.assessment.findings)
    return try carryOut(operation, plan)
  }
}

/// A reset of one function.
struct ResetOperation: HostOperation {
  let kind = Journal.Kind.reset
  let address: Address
  /// Nil for the kernel's own choice.
  let method: String?
  let forced: Set<FindingCode>

  func plan(on workspace: Workspace) throws(Diagnostic) -> OperationPlan {
    workspace.detail([address])
    let usage = workspace.evidence.gather([address], in: workspace.host)
    let assessment = Assessment(of: workspace.situation([address], .reset, usage: usage))
    guard let function = workspace.host[address] else {
      return OperationPlan(
        AssessedSet(functions: [address], assessment: assessment, forced: forced, plan: [], usage: usage))
    }
    let methods = ResetForecast(of: function, in: workspace.host).methods ?? []
    if let method, !methods.contains(method) {
      throw Diagnostic(
        .usage, "the reset method \(method) does not work for \(address)",
        path: "/sys/bus/pci/devices/\(address)/reset_method",
        next: methods.isEmpty
          ? "no method resets this function alone" : "these methods work: \(methods.joined(separator: " "))"
      )
    }
    var state = function.state
    var after = state
    var steps = [Step.reset(address)]
    if let method, methods != [method] {
      let words = methods.joined(separator: " ")
      state.attributes["reset_method"] = .known(function.kernelResetMethods.value?.joined(separator: " ") ?? words)
      after.attributes["reset_method"] = .known(words)
      steps = [
        .attribute("reset_method", method, of: address, prior: state.attributes["reset_method"]?.text), .reset(address),
        .attribute("reset_method", words, of: address, prior: method),
      ]
    }
    var plan = OperationPlan(
      AssessedSet(functions: [address], assessment: assessment, forced: forced, plan: steps, usage: usage))
    plan.prior = [Placement(address, state)]
    plan.target = [Placement(address, after)]
    return plan
  }
}
