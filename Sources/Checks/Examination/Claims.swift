import Host
import PCI
import Settings

extension Examination {
  /// Everything that says which driver a function belongs to, hostdev's own word first.
  public var claims: [Claim] {
    own + kernelClaims + waitingClaims + moduleClaims + driverctlClaims + domainClaims + machineClaims + udevClaims
      + hiddenClaims + switcherClaims + writtenClaims
  }

  private var own: [Claim] {
    pins.filter { !$0.functions.isEmpty }.map { pin in
      Claim(
        .pin, pin.functions, manner: .driver(pin.driver), sources: [SourceLine(pin.file, nil, text: "pin \(pin.name)")],
        withdrawal: "hostdev unpin \(ShellWord.quoted(pin.name))", strike: .apply, overruled: pin.forced)
    }
      + held.map { hold in
        Claim(
          .hold, [hold.function], manner: .driver(hold.state.driver.name ?? VFIODriver.generic),
          sources: [
            SourceLine("/run/hostdev/held/\(hold.function).json", nil, text: hold.command.joined(separator: " "))
          ],
          withdrawal: "hostdev release \(hold.function)", strike: .apply)
      }
  }

  /// The functions that these ids name, equal ones all of them.
  public func functions(_ ids: [ClaimedID]) -> [Address] {
    host.functions.filter { function in
      function.isEndpoint && ids.contains { $0.matches(function) == true }
    }.map(\.address)
  }

  private var kernelClaims: [Claim] {
    let boot = boot
    var seen: Set<String> = []
    // Of those entries that may boot, each has its own.
    let possible = boot.possible.isEmpty ? [] : boot.next.candidates.map { $0.arguments.map(\.word) }
    return (commandLines + possible).flatMap(KernelWord.counting)
      .filter { seen.insert(BootArgument.unquoted($0)).inserted }
      .compactMap { kernelClaim($0, in: boot) }
  }

  /// Nil if the word gives nothing away.
  func kernelClaim(_ word: String, strike: Claim.Strike = .boot, in boot: BootConfiguration) -> Claim? {
    func claim(_ functions: [Address], on driver: String, ids: [ClaimedID] = []) -> Claim {
      Claim(
        .kernel, functions, manner: .driver(driver), sources: sources(of: word), ids: ids,
        isInForce: surroundings.commandLine.value?.contains(word) ?? false, withdrawal: boot.withdrawal(of: word),
        strike: strike)
    }
    if let named = KernelWord.claim(word) {
      // What it does not mean is a slip.
      let ids = named.ids.filter { !$0.isPlace }
      return ids.isEmpty ? nil : claim(functions(ids), on: named.driver, ids: ids)
    }
    let hidden = KernelWord.hidden(word)
    return hidden.isEmpty ? nil : claim(hidden, on: "pciback")
  }

  /// The lines that a word of the kernel's command line comes from, the running kernel's first, then those that the
  /// next boot is made of.
  func sources(of word: String) -> [SourceLine] {
    let boot = settings.boot
    let running = (surroundings.commandLine.value ?? []).filter {
      BootArgument.unquoted($0) == BootArgument.unquoted(word)
    }
    let files = (boot.defaults + boot.made).filter { $0.isSame(as: word) }.map(\.source)
    return (running.prefix(1).map { SourceLine("/proc/cmdline", nil, text: $0) } + files)
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var moduleClaims: [Claim] {
    optionLines.compactMap { line in
      let ids = line.claimed.filter { !$0.isPlace }
      guard let driver = line.claimedDriver, !ids.isEmpty, replacement(of: line) == nil, !isWithoutModule(line)
      else { return nil }
      return Claim(
        .modprobe, functions(ids), manner: .driver(driver), sources: [line.source], ids: ids,
        withdrawal: boot.without([line.source]))
    }
  }

  private var driverctlClaims: [Claim] {
    settings.driverctl.map { override in
      // `driverctl unset-override` unbinds it, under a guest too; the file is all that it keeps.
      Claim(
        .driverctl, [override.function], manner: .driver(override.driver), sources: [override.source],
        isInForce: settings.hasDriverctlRule != false, withdrawal: ShellCommand.remove(override.source.file))
    }
  }

  private var domainClaims: [Claim] {
    settings.domains.filter(\.isManaged).map { given in
      Claim(
        .libvirt, [given.function], manner: .duringGuest, sources: [given.source] + [given.network].compactMap { $0 },
        withdrawal: "set managed='no' for \(given.function) in: \(given.edit)",
        strike: .start(guest: given.domain, isAutomatic: given.isAutostarted), edit: given.edit)
    }
  }

  private var machineClaims: [Claim] {
    settings.machines.map { given in
      Claim(
        .proxmox, [given.function], manner: .fromGuest, sources: [given.source],
        withdrawal: "qm set \(given.machine.quoted) --delete \(ShellWord.quoted(given.key))",
        strike: .start(guest: given.machine, isAutomatic: given.isAutostarted))
    }
  }
}

extension DomainFunction {
  /// Where it is written that the domain has it.
  fileprivate var edit: String {
    networkName.map { "virsh net-edit \($0.quoted)" } ?? "virsh edit \(domain.quoted)"
  }
}
