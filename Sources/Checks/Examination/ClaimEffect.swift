import Host
import PCI
import Settings

extension Examination {
  /// Nil if the claim is not in force, or had its effect.
  func withoutEffect(_ claim: Claim) -> WithoutEffect? {
    guard claim.isInForce, claim.tool == .kernel || claim.tool == .modprobe, case .driver(let wanted) = claim.manner
    else { return nil }
    let state = state(of: wanted)
    let missed = claim.functions.filter { !pending.contains($0) }.compactMap { host[$0] }.filter { function in
      if let driver = function.driver.value { return !VFIODriver.leavesGroupViable(driver) && driver != wanted }
      return function.driver.isAbsent && (state == .loadable || state == .missing)
    }
    if missed.isEmpty { return nil }
    let modules = Set(missed.compactMap(\.driver.value).map(Self.module)).sorted()
    return WithoutEffect(
      missed: missed.map { ($0.address, $0.driver.value) }, driver: wanted,
      reason: reason(wanted, state, against: modules))
  }

  private func state(of driver: String) -> ModuleState {
    if driver == VFIODriver.generic { return surroundings.vfioPCI }
    return surroundings.builtInModules.value?.contains(Self.module(driver)) == true ? .builtIn : .unknown
  }

  static func module(_ driver: String) -> String {
    ModuleNames.module(ofRenamed: driver) ?? ModuleNames.spelled(driver)
  }

  private func reason(_ wanted: String, _ state: ModuleState, against modules: [String]) -> WithoutEffect.Reason {
    let wanted = Self.module(wanted)
    let builtIn = modules.filter { surroundings.builtInModules.value?.contains($0) == true }
    switch state {
    case .missing: return .notInstalled
    case .loadable:
      if !builtIn.isEmpty { return .builtIn(builtIn) }
      if let list = settings.earlyModules.first(where: { $0.module == wanted && $0.isInImage }) {
        return .listed(list.source)
      }
      return waiting(modules, for: wanted) ?? .notLoaded(before: modules.filter { softdep(of: $0, on: wanted) == nil })
    case .loaded:
      if !builtIn.isEmpty { return .builtIn(builtIn) }
      let without = modules.filter { softdep(of: $0, on: wanted) == nil }
      return waiting(modules, for: wanted) ?? (without.isEmpty ? .unknown : .noSoftdep(without))
    case .builtIn, .unknown: return .unknown
    }
  }

  /// Each of the modules waits: the first line that says so.
  private func waiting(_ modules: [String], for wanted: String) -> WithoutEffect.Reason? {
    let lines = modules.compactMap { softdep(of: $0, on: wanted) }
    return lines.count == modules.count ? lines.first.map { .softdep($0.source) } : nil
  }

  /// A line that has `wanted` loaded before this module.
  private func softdep(of module: String, on wanted: String) -> ModprobeLine? {
    surroundings.modprobeLines.first { line in
      line.command == .softdep && line.isFor(module) && line.precedes.contains(wanted)
    }
  }

  /// How ids= come to count at the next boot, if that can be said: the softdeps that are missing, and a new initramfs.
  func effect(of found: WithoutEffect) -> String? {
    let update = boot.tools.imageUpdate
    switch found.reason {
    case .softdep, .listed: return update
    case .noSoftdep, .notLoaded:
      let wanted = Self.module(found.driver)
      let modules = Set(found.missed.compactMap(\.driver).map(Self.module)).sorted()
        .filter { softdep(of: $0, on: wanted) == nil && ModuleNames.isSound($0) }
      if modules.isEmpty { return update }
      let tools = boot.tools
      let softdeps = modules.map { "softdep \($0) pre: \(found.driver)" }
      if tools.editor == .nixos || tools.editor == .guix {
        return softdeps.map { tools.declared("add", $0, in: .modprobe) }.joined(separator: "; ")
      }
      let lines = softdeps.map { ShellWord.quoted($0) }.joined(separator: " ")
      return tools.after(["printf '%s\\n' \(lines) >> /etc/modprobe.d/vfio.conf"])
    case .notInstalled, .builtIn, .unknown: return nil
    }
  }
}

extension ModprobeLine {
  /// The modules behind `pre:` of a softdep.
  var precedes: [String] {
    var found: [String] = []
    var isBefore = false
    for word in arguments.split(separator: " ") {
      if word == "pre:" || word == "post:" {
        isBefore = word == "pre:"
      } else if isBefore {
        found.append(ModuleNames.spelled(word))
      }
    }
    return found
  }
}
