import Host
import Settings

/// Will the next boot get what this one got?
struct BootDrift: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let boot = examination.boot
    guard let running = examination.surroundings.commandLine.value else { return [] }
    guard boot.isKnown else {
      return [
        Finding(
          .bootDrift, .unknown, message: "The files that set the next boot's kernel arguments were not found.",
          evidence: ["/etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries: not there"],
          remedy: "Compare the boot loader's own configuration with: cat /proc/cmdline")
      ]
    }
    var seen: Set<String> = []
    let all = running + boot.defaults.map(\.word) + boot.promised.map(\.word) + boot.possible.map(\.word)
    let words = all.filter { seen.insert(BootArgument.unquoted($0)).inserted && Self.concernsDevices($0) }
      .filter { examination.iommuMaker?.ignores($0) != true }
    let found = words.sorted().compactMap { word in
      finding(
        word, isRunning: running.contains { BootArgument.unquoted($0) == BootArgument.unquoted(word) }, on: examination)
    }
    let entry = withoutPins(examination, boot)
    if !found.isEmpty || !entry.isEmpty { return found + entry }
    return [
      Finding(
        .bootDrift, .ok, message: "The next boot gets the same device arguments as this one.",
        evidence: .plain(boot.files) + boot.reason)
    ]
  }

  /// `/etc/grub.d/41_hostdev` adds entries that start no pin, as soon as something is pinned and the menu is made again.
  private func withoutPins(_ examination: Examination, _ boot: BootConfiguration) -> [Finding] {
    guard !examination.pins.isEmpty, boot.next.loader == .grub, let script = boot.scriptWithoutPins,
      !boot.next.entries.isEmpty,
      !boot.next.entries.contains(where: { $0.arguments.contains { KernelCommandLine.turnsOff($0.word) } })
    else { return [] }
    return [
      Finding(
        .bootDrift, .warning,
        message:
          "GRUB's menu has no entry without pins yet: \(boot.updateName) has not run since the first pin. Without it a pin that keeps the host from booting is turned off by hand.",
        evidence: ["\(script)", "\(boot.menuFile ?? "grub.cfg"): no entry with hostdev=off"], remedy: boot.update ?? "")
    ]
  }

  private static func concernsDevices(_ word: String) -> Bool {
    if KernelWord.isVoid(word) { return false }
    return KernelWord.claim(word) != nil || KernelWord.meaning(word) != nil || ACSOverride.isOverride(word)
      || KernelCommandLine.turnsOff(word) || !KernelWord.hidden(word).isEmpty
  }

  private func finding(_ word: String, isRunning: Bool, on examination: Examination) -> Finding? {
    let boot = examination.boot
    let sources = examination.sources(of: word).map { Finding.Evidence($0) }
    let isNext = boot.promised.has(word)
    if boot.possible.has(word) || boot.next.entry == nil && boot.next.isIncomplete && !isNext {
      return unknown(word, boot, seenAt: sources)
    }
    // An entry that was written by hand is not made of the defaults.
    let isMade = boot.next.choice != .unseen && boot.next.entry?.isMadeOfDefaults ?? true
    if isMade, boot.defaults.has(word) != isNext {
      if !isNext { return notCarriedOn(word, boot, seenAt: sources) }
      // What a command prints as they are read may well be this word.
      if boot.makesEntries, boot.unknown.isEmpty { return notInDefaults(word, boot, seenAt: sources) }
    }
    if isRunning == isNext { return nil }
    if isNext, boot.next.choice == .unseen, boot.next.loader == .systemdBoot {
      return unseen(word, boot, seenAt: sources)
    }
    if isNext {
      return Finding(
        .bootDrift, .info, message: "\(word) is configured, but not on this boot: it is set from the next boot on.",
        evidence: sources + boot.reason)
    }
    return Finding(
      .bootDrift, .warning, message: "\(word) is set on this boot, but no file sets it for the next one.",
      evidence: sources + missing(word, boot),
      remedy: word.hasPrefix("intel_iommu=") ? boot.addition(of: word) ?? "" : "")
  }

  /// Where it was looked for.
  private func missing(_ word: String, _ boot: BootConfiguration) -> [Finding.Evidence] {
    guard let entry = boot.next.entry else { return boot.files.map { "\($0): not in it" } }
    return ["\(entry.place.place): not in it"] + boot.reason
  }

  /// A file that was edited is no promise before it is carried on into the entry.
  private func notCarriedOn(_ word: String, _ boot: BootConfiguration, seenAt sources: [Finding.Evidence]) -> Finding {
    let file = boot.defaults.first { $0.isSame(as: word) }?.source.file ?? ""
    let place = file.hasPrefix("/etc/default/grub") ? "GRUB's defaults" : file
    let entry = boot.next.loader == .grub ? "grub.cfg" : "the entry that boots next"
    let carry = boot.carryOn(word)
    return Finding(
      .bootDrift, .warning,
      message: boot.next.loader == .grubEntries
        ? "\(word) is in \(place), but not in \(entry): the menu is made of files that an edit of the defaults does not change."
        : "\(word) is in \(place), but not in \(entry): \(boot.updateName) has not run since.",
      evidence: sources + missing(word, boot), remedy: carry)
  }

  private func notInDefaults(_ word: String, _ boot: BootConfiguration, seenAt sources: [Finding.Evidence]) -> Finding?
  {
    // An entry without pins is there to be chosen by hand.
    let isGRUB = boot.next.loader == .grub
    let files = isGRUB ? "GRUB's defaults" : boot.files.first { boot.texts[$0] != nil } ?? ""
    return Finding(
      .bootDrift, .warning,
      message:
        "\(word) is in \(isGRUB ? "grub.cfg" : "the entry that boots next"), but not in \(files): the next \(boot.updateName) removes it.",
      evidence: sources + boot.reason, remedy: boot.update ?? "")
  }

  /// The entries are on a partition that is not mounted, as Proxmox has it.
  private func unseen(_ word: String, _ boot: BootConfiguration, seenAt sources: [Finding.Evidence]) -> Finding {
    Finding(
      .bootDrift, .unknown,
      message:
        "\(word) is configured, but not on this boot. Whether the next boot gets it is unknown: no boot loader entry was found.",
      evidence: sources, remedy: boot.update ?? "")
  }

  private func unknown(_ word: String, _ boot: BootConfiguration, seenAt sources: [Finding.Evidence]) -> Finding {
    Finding(
      .bootDrift, .unknown,
      message:
        "Whether the next boot gets \(word) could not be determined"
        + (boot.next.isIncomplete ? "." : ": one entry has it, another does not."),
      evidence: sources + boot.reason)
  }
}
