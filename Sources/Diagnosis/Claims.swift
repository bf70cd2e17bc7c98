import Host
import PCI
import Settings

extension Examination {
  /// Everything that says which driver a function belongs to, hostdev's own word first.
  var claims: [Claim] {
    own + kernelClaims + moduleClaims + driverctlClaims + domainClaims + machineClaims + udevClaims
  }

  private var own: [Claim] {
    pins.filter { !$0.functions.isEmpty }.map { pin in
      Claim(
        .pin, pin.functions, .driver(pin.driver), [SourceLine(pin.file, nil, text: "pin \(pin.name)")],
        withdrawal: "hostdev unpin \(pin.name)")
    }
      + held.map { hold in
        Claim(
          .hold, [hold.function], .driver(hold.state.driver ?? VFIODriver.generic),
          [SourceLine("/run/hostdev/held/\(hold.function).json", nil, text: hold.command.joined(separator: " "))],
          withdrawal: "hostdev release \(hold.function)")
      }
  }

  /// The functions that these ids name, equal ones all of them.
  func functions(_ ids: [ClaimedID]) -> [Address] {
    host.functions.filter { function in
      function.isEndpoint && ids.contains { $0.matches(function) == true }
    }.map(\.address)
  }

  private var kernelClaims: [Claim] {
    let running = surroundings.commandLine.value ?? []
    var seen: Set<String> = []
    return (running + settings.boot.arguments.map(\.word)).filter { seen.insert($0).inserted }.compactMap { word in
      let names: (driver: String, functions: [Address])
      if let claim = KernelWord.claim(word) {
        names = (claim.driver, functions(claim.ids))
      } else {
        let hidden = KernelWord.hidden(word)
        if hidden.isEmpty { return nil }
        names = ("pciback", hidden)
      }
      return Claim(
        .kernel, names.functions, .driver(names.driver), sources(of: word), word: word,
        isInForce: running.contains(word),
        withdrawal: settings.boot.withdrawal(of: word))
    }
  }

  /// Where a word of the kernel's command line comes from, the running kernel's first. Of what is made of others, an entry
  /// each kernel and more, the first line stands for all.
  func sources(of word: String) -> [SourceLine] {
    let running = surroundings.commandLine.value?.contains(word) == true
    return (running ? [SourceLine("/proc/cmdline", nil, text: word)] : [])
      + settings.boot.edited.filter { $0.word == word }.map(\.source)
      + settings.boot.made.filter { $0.word == word }.prefix(1).map(\.source)
  }

  private var moduleClaims: [Claim] {
    (surroundings.modprobeLines + settings.moduleLines).filter { $0.command == .options }.compactMap { line in
      guard let driver = ["vfio_pci": VFIODriver.generic, "pci_stub": "pci-stub"][line.module] else { return nil }
      let ids = line.claimed
      if ids.isEmpty { return nil }
      return Claim(
        .modprobe, functions(ids), .driver(driver), [line.source],
        withdrawal: ShellCommand.chain([ShellCommand.commentOut(line.source), settings.initramfs.update]))
    }
  }

  private var driverctlClaims: [Claim] {
    settings.driverctl.map { override in
      // `driverctl unset-override` would unbind it, under a guest too; the file is all that it keeps.
      Claim(
        .driverctl, [override.function], .driver(override.driver), [override.source],
        isInForce: settings.hasDriverctlRule != false, withdrawal: ShellCommand.remove(override.source.file))
    }
  }

  private var domainClaims: [Claim] {
    settings.domains.filter(\.isManaged).map { given in
      Claim(
        .libvirt, [given.function], .duringGuest, [given.source],
        withdrawal: "virsh edit \(ShellWord.quoted(given.domain)) (managed='no' for \(given.function))")
    }
  }

  private var machineClaims: [Claim] {
    settings.machines.map { given in
      Claim(
        .proxmox, [given.function], .fromGuest, [given.source],
        withdrawal: "qm set \(given.machine) --delete \(given.key)")
    }
  }

  private var udevClaims: [Claim] {
    settings.udev.compactMap { line in
      guard let driver = line.driver else { return nil }
      var functions = line.functions
      if let id = line.id { functions += host.functions.filter { $0.id == id }.map(\.address) }
      functions += host.functions.filter { $0.isEndpoint && line.fits($0) }.map(\.address)
      if functions.isEmpty { return nil }
      return Claim(
        .udev, Set(functions).sorted(), .driver(driver), [line.source],
        withdrawal: ShellCommand.chain([ShellCommand.commentOut(line.source), "udevadm control --reload"]))
    }
  }
}

extension ModprobeLine {
  /// The entries of its `ids=` options.
  var claimed: [ClaimedID] {
    arguments.split(separator: " ").filter { $0.hasPrefix("ids=") }.flatMap { ClaimedID.list($0.dropFirst(4)) }
  }
}

extension BootConfiguration {
  /// How a word is taken back: the commands, or where to look for it.
  func withdrawal(of word: String) -> String {
    let removal = removal(of: word)
    if !removal.isEmpty { return removal }
    let key = word.prefix { $0 != "=" }
    return
      "find where it is set: grep -rn \(ShellWord.quoted("\(key)=")) /etc/default/grub /etc/default/grub.d /etc/kernel /boot/loader /boot/grub"
  }

  /// The commands after which the next boot no longer gets a word; empty where no file was found that has it.
  func removal(of word: String) -> String {
    var commands: [String] = []
    var updates: [String] = []
    // From the last on: lines keep their numbers, and a line that has it twice is gone over twice.
    for argument in edited where argument.word == word {
      let command = ShellCommand.removeWord(word, from: argument.source)
      commands.append(command)
      if let update = update(after: argument.loader), !updates.contains(update) { updates.append(update) }
    }
    return ShellCommand.chain(commands + updates)
  }
}
