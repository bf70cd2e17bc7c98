import Host

/// Will the next boot get what this one got?
struct BootDrift: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let boot = examination.settings.boot
    guard let running = examination.surroundings.commandLine.value else { return [] }
    guard boot.isKnown else {
      return [
        Finding(
          .bootDrift, .unknown, message: "The files that set the next boot's kernel arguments were not found.",
          evidence: ["/etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries: not there"],
          remedy: "Compare the boot loader's own configuration with: cat /proc/cmdline")
      ]
    }
    let isOurs = { (word: String) in
      KernelWord.claim(word) != nil || KernelWord.meaning(word) != nil || ACSOverride.isOverride(word)
        || word == "hostdev=off" || !KernelWord.hidden(word).isEmpty
    }
    var found: [Finding] = []
    let edited = Set(boot.edited.map(\.word))
    // An entry without pins is there to be chosen by hand.
    let made = Set(boot.made.map(\.word)).subtracting(["hostdev=off"])
    for word in Set(running).union(edited).union(made).filter(isOurs).sorted() {
      let sources = examination.sources(of: word).map { Finding.Evidence($0) }
      if boot.grubMadeFile != nil, edited.contains(word) != made.contains(word),
        boot.edited.contains(where: { $0.loader == .grub }) || !edited.contains(word)
      {
        found.append(
          Finding(
            .bootDrift, .warning,
            message: edited.contains(word)
              ? "\(word) is in GRUB's defaults, but not in grub.cfg: \(boot.grubUpdate) has not run since."
              : "\(word) is in grub.cfg, but not in GRUB's defaults: the next \(boot.grubUpdate) removes it.",
            evidence: sources + .plain([boot.grubMadeFile].compactMap { $0 }), remedy: boot.grubUpdate))
      } else if running.contains(word), !edited.contains(word), !made.contains(word) {
        found.append(
          Finding(
            .bootDrift, .warning, message: "\(word) is set on this boot, but no file sets it for the next one.",
            evidence: sources + boot.files.map { "\($0): not in it" },
            remedy: word.hasPrefix("intel_iommu=") ? boot.addition(of: word) ?? "" : ""))
      } else if !running.contains(word) {
        found.append(
          Finding(
            .bootDrift, .info,
            message: "\(word) is configured, but not on this boot: it is set from the next boot on.",
            evidence: sources))
      }
    }
    if !found.isEmpty { return found }
    return [
      Finding(
        .bootDrift, .ok, message: "The next boot gets the same device arguments as this one.",
        evidence: .plain(boot.files))
    ]
  }
}
