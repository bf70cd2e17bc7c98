import Checks
import Planning
import Host
import Inventory
import Links
import PCI
import Transactions

extension Change {
  /// Makes virtual functions of the physical one that the selector names, or takes them away.
  public mutating func setVirtualFunctions(
    of selector: String, _ request: VirtualFunctionsRequest
  ) throws(Diagnostic) -> OperationResult {
    let set = try workspace.unambiguousSet([selector])
    let request = VirtualFunctionsRequest(
      driver: request.driver.map(workspace.driver(named:)), settings: request.settings)
    let operation = VirtualFunctionsOperation(
      physical: try workspace.one(set, of: selector, operation: "sriov takes one physical function"), request: request,
      forced: invocation.forced, held: try records.readHeld())
    let plan = try operation.plan(on: workspace)
    for note in plan.notes { invocation.report(.note(note)) }
    invocation.noteForce(among: plan.assessed.assessment.findings)
    return try carryOut(operation, plan)
  }
}

/// A physical function to another number of virtual ones, or these to VFIO.
struct VirtualFunctionsOperation: HostOperation {
  let kind = Journal.Kind.sriov
  let physical: Address
  let request: VirtualFunctionsRequest
  let forced: Set<FindingCode>
  let held: [Hold]
  /// The declaration that it is done for.
  var pin: String?

  func plan(on workspace: Workspace) throws(Diagnostic) -> OperationPlan {
    workspace.detail([physical])
    guard let function = workspace.host[physical] else {
      throw Diagnostic(.notFound, "there is no PCI function \(physical)", next: "see: hostdev list --all")
    }
    let layout = VirtualLayout(workspace.sysfs, of: function)
    let count = function.virtualFunctionCount.value ?? layout.present.count
    let isRenewal = count != request.count
    // Thousands of lines, and vfio-pci takes any function.
    let isChoice = request.driver != nil && request.driver != VFIODriver.generic && request.count > 0
    let aliases = isChoice ? ModuleAliases(workspace.sysfs, workspace.surroundings) : nil
    let check = VirtualFunctionsCheck(
      workspace, function, layout: layout, request: request, aliases: aliases, isRenewal: isRenewal, held: held)
    func assessed(_ steps: [Step]) -> AssessedSet {
      AssessedSet(
        functions: [physical], assessment: check.assessment, forced: forced, plan: steps, usage: check.usage)
    }
    guard check.assessment.blocking(forced: forced).isEmpty else { return OperationPlan(assessed([])) }
    let (functions, notes) = try VirtualFunctionsReading(
      workspace, layout, request: request, aliases: aliases, isRenewal: isRenewal
    ).functions(of: function)

    var state = function.state
    state.attributes[SRIOVAttribute.count] = .known("\(count)")
    state.attributes[SRIOVAttribute.autoprobe] = layout.autoprobe.map { .known($0) }
    var after = state
    after.attributes[SRIOVAttribute.count] = .known("\(request.count)")
    let isOffered = layout.autoprobe != "0"
    let prior = [Placement(physical, state)] + functions.map(\.prior)
    let target =
      [Placement(physical, after)]
      + functions.map {
        $0.target(isWanted: $0.place.index < request.count, isRenewed: isRenewal, isOffered: isOffered)
      }
    let present = functions.filter { $0.place.index < request.count }.map(\.address)
    let moves = converge(from: prior, to: target)
    var plan = OperationPlan(assessed(workspace.loads(before: moves, aliases) + moves))
    if isRenewal {
      plan.assessed.virtualFunctions = (
        gone: functions.filter { $0.now != nil }.map(\.address).sorted(), made: present.sorted()
      )
    }
    plan.prior = prior
    plan.target = target
    plan.present = present
    plan.notes = notes
    plan.holds = zip(functions, zip(prior, target).dropFirst()).compactMap { virtual, ends in
      guard virtual.driver != nil, ends.1.state.isPresent,
        isRenewal || ends.0.state.driver != ends.1.state.driver || ends.0.state.override != ends.1.state.override
      else { return nil }
      return hold(virtual, at: ends.1.state, isRenewal: isRenewal, isOffered: isOffered, on: workspace)
    }
    return plan
  }

  /// One that was there keeps the home it had; a new one goes to whom the host would have given it, whatever had its
  /// address before.
  private func hold(
    _ virtual: VirtualFunction, at state: State, isRenewal: Bool, isOffered: Bool, on workspace: Workspace
  ) -> Hold {
    var last = state
    last.attributes = [:]
    var home = State(driver: isOffered ? .any : .unbound, override: nil)
    let identity: Identity
    var known: Hold?
    if let now = virtual.now {
      identity = Identity(now)
      known = held.first { $0.function == virtual.address && $0.identity.agrees(with: identity) }
      if !isRenewal { home = known?.home ?? now.state }
    } else {
      // Its subsystem is its own, and not to be told before.
      var bare = virtual.forecast
      bare.subsystemVendorID = .unknown
      bare.subsystemDeviceID = .unknown
      identity = Identity(bare)
    }
    return workspace.hold(
      virtual.address, identity, at: last, home: home, forced: forced, pin: pin ?? known?.pin)
  }
}
