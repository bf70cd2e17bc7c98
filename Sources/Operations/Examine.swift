import Checks
import Host
import HostUse
import Inventory
import PCI
import Settings
import Transactions

extension Readiness {
  public var status: ExitStatus { isReady ? .done : .refused }
}

extension Workspace {
  /// Is this host ready? Every check that `doctor` makes.
  public func readiness() -> Readiness { Readiness(of: examine()) }

  /// Everything that is looked at, and nothing that could block: an override that a pending write waits for is not read.
  func examine() -> Examination {
    var trouble: String?
    var held: [Hold] = []
    var journals: [Journal] = []
    do {
      held = try records.readHeld(doing: "read /run/hostdev")
      journals = try records.readJournals(doing: "read /run/hostdev")
    } catch { trouble = error.line }
    let pending = journals.unsettled(on: runtime).union(host.functions.filter(\.isPending).map(\.address))
    scanner.readOverrides(of: &host)
    let functions = host.functions
    // Of these more is asked than an override: whose VF it is, and which VFIO node a guest has open.
    let looked = functions.filter { function in
      !pending.contains(function.address)
        && (!function.driverOverride.isAbsent || function.isSetAside)
    }.map(\.address)
    detail(looked)
    var found = Examination(
      host: host, surroundings: surroundings,
      settings: HostSettings(reading: sysfs, functions: functions.map(\.address)), isCapture: !isHost)
    found.usage = evidence.gather(
      looked.filter { host[$0]?.isSetAside ?? false }, in: host)
    // What was asked for meanwhile and not answered counts too.
    found.pending = pending.union(host.functions.filter(\.isPending).map(\.address))
    found.interrupted = interrupted(journals)
    found.recordsTrouble = trouble
    (found.pins, found.pinsTrouble) = declaredPins()
    // Looking for serial numbers may have told more of the functions.
    found.host = host
    found.held = held.map { hold in
      HeldFunction(
        hold.function, state: hold.state, homeDriver: hold.home.driver.name, command: hold.command,
        drift: hold.drift(from: host[hold.function], isPending: pending.contains(hold.function))?.description)
    }
    found.images = images(found.settings.boot.images)
    found.virtualsToCome = virtualsToCome()
    lookAtCrashDump(&found)
    found.virtualRequests = ConfiguredVirtuals(sysfs, found.settings.classDevices).requests(
      found.settings.virtualCounts, of: found.virtualsToCome.compactMap { host[$0.physical] })
    lookAtClaims(&found)
    return found
  }

  /// What the host does with the functions that a claim is about to take, as `check` of each claim's functions has it.
  private func lookAtClaims(_ found: inout Examination) {
    let sets = found.takenSets.filter(found.pending.isDisjoint)
    if sets.isEmpty { return }
    let all = Set(sets.flatMap { $0 }).sorted()
    detail(all)
    found.host = host
    let usage = evidence.gather(all, in: host)
    for set in sets {
      // Of a smaller set another display or path may stay.
      let isUsed =
        usage.uses.contains { set.contains($0.function) } || usage.unknown.contains { set.contains($0.function) }
      found.claimedUsage[set] = isUsed && set != all ? evidence.gather(set, in: host) : usage
    }
  }
}
