import Host

/// Will the next boot get what this one got?
struct BootDrift: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let boot = examination.settings.boot
    guard let running = examination.surroundings.commandLine.value else { return [] }
    guard boot.isKnown else {
      return [
        Finding(
          .bootDrift, .unknown, message: "Where the next boot's kernel arguments come from was not found.",
          evidence: ["/etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries: not there"],
          remedy: "cat /proc/cmdline, and look into the boot loader's own configuration")
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
              ? "\(word) is in GRUB's defaults and not in what GRUB reads: \(boot.grubUpdate) has not been run since."
              : "\(word) is in what GRUB reads and not in its defaults: the next \(boot.grubUpdate) takes it away.",
            evidence: sources + .plain([boot.grubMadeFile].compactMap { $0 }), remedy: boot.grubUpdate))
      } else if running.contains(word), !edited.contains(word), !made.contains(word) {
        found.append(
          Finding(
            .bootDrift, .warning, message: "\(word) holds on this boot and is in no file that the next one is made of.",
            evidence: sources + boot.files.map { "\($0): not in it" },
            remedy: word.hasPrefix("intel_iommu=") ? boot.addition(of: word) ?? "" : ""))
      } else if !running.contains(word) {
        found.append(
          Finding(
            .bootDrift, .info,
            message: "\(word) is configured, and this boot did not get it: it holds from the next one on.",
            evidence: sources))
      }
    }
    if !found.isEmpty { return found }
    return [
      Finding(
        .bootDrift, .ok, message: "The next boot gets the same arguments as far as they matter here.",
        evidence: .plain(boot.files))
    ]
  }
}
