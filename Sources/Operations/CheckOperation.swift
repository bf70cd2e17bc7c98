import Checks
import Host
import Libvirt
import PCI
import Transactions

extension Workspace {
  /// May this set go to a guest? As `bind` would check it.
  public func check(_ selectors: [String], driver: String) throws(Diagnostic) -> AssessedSet {
    let held: [Hold]
    do { held = try recorded().held } catch {
      // A user other than root can check all the same.
      guard error.status == .notRoot else { throw error }
      invocation.report(.note("/run/hostdev is for root: whether a run was interrupted is not known"))
      held = []
    }
    let set = try BindOperation(
      functions: try set(selectors), driver: self.driver(named: driver), addsMissing: invocation.addsMissing,
      forced: invocation.forced,
      held: held
    ).plan(on: self).assessed
    invocation.noteForce(among: set.assessment.findings)
    return set
  }

  /// Codes of what speaks against giving these functions to a guest.
  public func refusals(of set: [Address]) -> [String] {
    let held = (try? recorded().held) ?? []
    let plan = try? BindOperation(
      functions: set, driver: VFIODriver.generic, addsMissing: false, forced: [], held: held
    ).plan(on: self)
    return Set(plan?.assessed.blocking.map(\.code.rawValue) ?? []).sorted()
  }
}

/// A function with all that is known of it, and what a check of it alone would find.
public struct ShownFunction {
  public let function: Function
  public let uses: [Use]
  public let unknownUses: [UnknownUse]
  public let findings: [Finding]
}

extension Workspace {
  /// `wakes`: configuration space of sleeping functions is read too, which powers them up.
  public func show(_ set: [Address], wakes: Bool) -> [ShownFunction] {
    detail(set, wake: wakes)
    let usage = evidence.gather(set, in: host)
    let byFunction = UsageByFunction(usage)
    let kinship = Kinship(of: set, in: host, usage: usage)
    let seen = Set(set)
    var obstacles: [[Address]: [Finding]] = [:]
    return set.compactMap { host[$0] }.map { function in
      let around = byFunction.usage(of: neighbours(of: function.address).union([function.address]))
      // A bridge is never given to a guest, so it is not assessed.
      var situation = situation([function.address], .assign(driver: VFIODriver.generic), usage: around)
      situation.kinship = kinship
      if function.isEndpoint, let whole = completed(situation, seen: seen) {
        // Functions of one card lack each other: the whole is looked at once.
        if obstacles[whole] == nil {
          obstacles[whole] = self.obstacles(of: whole, kinship)
        }
        situation.completion = Completion(functions: whole, obstacles: obstacles[whole] ?? [])
        situation.host = host
      }
      return ShownFunction(
        function: function, uses: around.uses(of: function.address),
        unknownUses: around.unknown.filter { $0.function == function.address },
        findings: function.isEndpoint ? Assessment(of: situation).findings : [])
    }
  }
}

extension Workspace {
  private func obstacles(of set: [Address], _ kinship: Kinship) -> [Finding] {
    var situation = situation(set, .assign(driver: VFIODriver.generic), usage: gather(set))
    situation.kinship = kinship
    return Assessment(of: situation).blocking(forced: [])
  }
}

extension Workspace {
  /// `<hostdev>` elements that give these functions to a guest.
  public func hostdevElements(_ set: [Address], _ options: HostdevOptions) throws(Diagnostic) -> String {
    let functions = set.compactMap { host[$0] }
    if let bridge = functions.first(where: { !$0.isEndpoint }) {
      throw Diagnostic(
        .usage, "\(bridge.address) is a bridge; a guest cannot have a bridge",
        next: "to see the endpoints: hostdev list")
    }
    do { return try hostdevXML(functions, options) } catch {
      throw Diagnostic(.usage, "\(error)", next: "see: hostdev xml --help")
    }
  }
}
