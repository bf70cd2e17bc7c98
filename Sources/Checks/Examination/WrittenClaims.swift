import Host
import PCI
import Settings

extension Claim.Manner {
  /// Nil of what takes no function away, or may.
  init?(_ kind: FunctionEffect.Kind) {
    switch kind {
    case .driver(let name): self = .driver(name)
    case .unbound: self = .unbound
    case .removal: self = .removed
    case .virtuals, .unclear: return nil
    }
  }
}

extension Examination {
  /// The functions that a rule, a script or a setting means.
  func functions(of target: FunctionEffect.Target) -> [Address] {
    switch target {
    case .function(let text): Address(text).map { [$0] } ?? []
    case .pattern(let text):
      host.functions.map(\.address).filter { FunctionEffect.fits(text, $0) }
    case .interface(let name):
      settings.classDevices.filter { $0.subsystem == "net" && $0.name == name }.map(\.function)
    case .ids(let ids): functions(ids)
    case .onDriver(let name):
      host.functions.filter { $0.isEndpoint && $0.driver.value.map { DriverName.isSame($0, name) } == true }
        .map(\.address)
    case .device, .unknown: []
    }
  }

  /// What scripts, units and settings do for certain. A file that unbinds a function and binds it is one claim.
  var writtenClaims: [Claim] {
    var found: [(key: [String], writes: [BootWrite], functions: [Address])] = []
    for write in settings.writes where Claim.Manner(write.effect.kind) != nil {
      let functions = functions(of: write.effect.target)
      if functions.isEmpty { continue }
      let key = [write.source.file] + functions.map(\.description)
      if let place = found.firstIndex(where: { $0.key == key }) {
        found[place].writes.append(write)
      } else {
        found.append((key, [write], functions))
      }
    }
    return found.compactMap { _, writes, functions in
      let manners = writes.compactMap { Claim.Manner($0.effect.kind) }
      let driver = manners.last { if case .driver = $0 { true } else { false } }
      guard let manner = driver ?? manners.first(where: { $0 == .removed }) ?? manners.first else { return nil }
      return claim(writes, on: functions, manner: manner)
    }
  }

  private func claim(_ writes: [BootWrite], on functions: [Address], manner: Claim.Manner) -> Claim {
    var sources: [SourceLine] = []
    for write in writes where !sources.contains(write.source) { sources.append(write.source) }
    var claim = Claim(
      .script, functions.sorted(), manner: manner, sources: sources, withdrawal: withdrawal(of: writes[0]),
      strike: writes[0].isOfGuests ? .anyGuest : .boot)
    claim.agent = writes[0].tool
    return claim
  }

  /// A unit is disabled; a line that stands alone becomes a comment; of a script the file is opened at it.
  private func withdrawal(of write: BootWrite) -> String {
    if let unit = write.unit { return "systemctl disable \(ShellWord.quoted(unit))" }
    let standsAlone =
      ["cron", "ifupdown", "systemd-tmpfiles", "sysfsutils"].contains(write.tool)
      || write.source.file.hasPrefix("/etc/dpdk/") || write.tool.hasPrefix("modprobe")
    let edit =
      standsAlone && write.source.file != write.source.place
      ? ShellCommand.commentOut(write.source)
      : "\"${EDITOR:-vi}\" +\(write.source.line ?? 1) \(ShellWord.quoted(write.source.file))"
    return write.isInImage ? settings.boot.tools.after([edit]) : edit
  }

  /// Rules and scripts that may take functions from the host; those that only a run would tell may take any.
  var doubtfulClaims: [Claim] {
    let onHost = host.functions.filter { function in
      function.isEndpoint && function.driver.value.map { !VFIODriver.leavesGroupViable($0) } == true
    }.map(\.address)
    var found: [SourceLine: (claim: Claim, functions: Set<Address>)] = [:]
    for reading in udevReadings
    where !(reading.isCertain && Claim.Manner(reading.kind) != nil && reading.function != nil) {
      if case .virtuals = reading.kind { continue }
      let those = reading.function.map { [$0] } ?? onHost
      found[reading.rule.source, default: (reading.rule.doubt, [])].functions.formUnion(those)
    }
    for write in settings.writes {
      let known = functions(of: write.effect.target)
      let isUnclear = Claim.Manner(write.effect.kind) == nil
      guard isUnclear || write.effect.target == .unknown || write.effect.target == .device else { continue }
      let doubt = claim([write], on: [], manner: .unbound)
      found[write.source, default: (doubt, [])].functions.formUnion(known.isEmpty ? onHost : known)
    }
    return found.values.map { $0.claim.uncertain(of: $0.functions.sorted()) }.sorted { $0.sources[0] < $1.sources[0] }
  }
}

extension UdevRule {
  fileprivate var doubt: Claim { Claim(.udev, [], manner: .unbound, sources: [source], withdrawal: withdrawal) }
}

extension Claim {
  fileprivate func uncertain(of functions: [Address]) -> Claim {
    var claim = Claim(tool, functions, manner: manner, sources: sources, withdrawal: withdrawal, strike: strike)
    claim.agent = agent
    claim.isCertain = false
    return claim
  }
}
