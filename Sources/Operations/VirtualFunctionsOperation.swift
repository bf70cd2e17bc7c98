import Assessment
import Assignment
import Host
import Inventory
import Links
import PCI
import Report
import System
import Transactions

/// A physical function on its way to another number of virtual ones, or these on theirs to VFIO: assessed, and with a plan.
struct Virtualizing {
  let assessed: AssessedSet
  private(set) var prior: [Placement] = []
  private(set) var target: [Placement] = []
  /// What is to be remembered of each that goes to VFIO.
  private(set) var holds: [Hold] = []
  /// The virtual functions that are to be there, by their index.
  private(set) var present: [Address] = []
  /// What a user should know.
  private(set) var notes: [String] = []

  init(
    _ workspace: Workspace, _ physical: Address, _ request: VirtualRequest, forced: Set<String>, held: [Hold],
    pin: String? = nil
  ) throws {
    workspace.detail([physical])
    guard let function = workspace.host[physical] else {
      throw Diagnostic(.notFound, "no \(physical)", next: "hostdev list --all shows what there is")
    }
    let layout = VirtualLayout(workspace.sysfs, of: function)
    let count = function.virtualFunctionCount.value ?? layout.present.count
    let isRenewal = count != request.count
    // Thousands of lines, and vfio-pci takes any function.
    let isChoice = request.driver != nil && request.driver != VFIODriver.generic && request.count > 0
    let aliases = isChoice ? ModuleAliases(workspace.sysfs, workspace.surroundings) : nil
    let check = VirtualCheck(workspace, function, layout, request, aliases, isRenewal: isRenewal, held: held)
    guard check.assessment.blocking(forced: forced).isEmpty else {
      assessed = AssessedSet(
        functions: [physical], assessment: check.assessment, forced: forced, plan: [],
        descriptorsSeen: check.usage.descriptorsSeen, processesUnseen: check.usage.processesUnseen)
      return
    }
    let functions: [VirtualFunction]
    (functions, notes) = try VirtualReading(workspace, layout, request, aliases, isRenewal).functions(of: function)

    var state = function.state
    state.attributes[SRIOVAttribute.count] = "\(count)"
    state.attributes[SRIOVAttribute.autoprobe] = layout.autoprobe
    var after = state
    after.attributes[SRIOVAttribute.count] = "\(request.count)"
    prior = [Placement(physical, state)] + functions.map(\.prior)
    target =
      [Placement(physical, after)]
      + functions.map {
        $0.target(
          isWanted: $0.place.index < request.count, isRenewed: isRenewal, isOffered: layout.autoprobe != "0")
      }
    present = functions.filter { $0.place.index < request.count }.map(\.address)
    let moves = converge(from: prior, to: target)
    let loads = workspace.loads(before: moves, aliases)
    var assessed = AssessedSet(
      functions: [physical], assessment: check.assessment, forced: forced, plan: loads + moves,
      descriptorsSeen: check.usage.descriptorsSeen, processesUnseen: check.usage.processesUnseen)
    if isRenewal {
      assessed.virtualFunctions = (
        gone: functions.filter { $0.now != nil }.map(\.address).sorted(),
        made: functions.filter { $0.place.index < request.count }.map(\.address).sorted()
      )
    }
    self.assessed = assessed
    holds = zip(functions, zip(prior, target).dropFirst()).compactMap { virtual, ends in
      guard virtual.driver != nil, ends.1.state.isPresent,
        isRenewal || ends.0.state.driver != ends.1.state.driver || ends.0.state.override != ends.1.state.override
      else { return nil }
      return Self.hold(
        virtual, ends.1.state, held, forced, isRenewal: isRenewal, isOffered: layout.autoprobe != "0", pin: pin)
    }
  }

  /// One that was there keeps the home it had; a new one goes to whom the host would have given it, whatever had its
  /// address before.
  private static func hold(
    _ virtual: VirtualFunction, _ state: State, _ held: [Hold], _ forced: Set<String>, isRenewal: Bool,
    isOffered: Bool, pin: String?
  ) -> Hold {
    var last = state
    last.attributes = [:]
    var home = State(driver: isOffered ? State.any : nil, override: nil)
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
    return Hold(
      function: virtual.address, identity: identity, state: last, home: home, since: Clock.seconds,
      command: ["hostdev"] + CommandLine.arguments.dropFirst(), forced: forced.sorted(), pin: pin ?? known?.pin)
  }
}
