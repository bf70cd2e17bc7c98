import Host

/// Will the next boot get what this one got?
struct BootDrift: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let boot = examination.settings.boot
    guard let running = examination.surroundings.commandLine.value else { return [] }
    guard boot.isKnown else {
      return [
        ReadinessCheck(
          .bootDrift, .unknown, "Where the next boot's kernel arguments come from was not found.",
          evidence: ["/etc/default/grub, /etc/kernel/cmdline, /boot/loader/entries: not there"],
          remedy: "cat /proc/cmdline, and look into the boot loader's own configuration")
      ]
    }
    let isOurs = { (word: String) in
      KernelWord.claim(word) != nil || KernelWord.meaning(word) != nil || word.hasPrefix("pcie_acs_override=")
        || word == "hostdev=off" || !KernelWord.hidden(word).isEmpty
    }
    var found: [ReadinessCheck] = []
    let edited = Set(boot.edited.map(\.word))
    // An entry without pins is there to be chosen by hand.
    let made = Set(boot.made.map(\.word)).subtracting(["hostdev=off"])
    for word in Set(running).union(edited).union(made).filter(isOurs).sorted() {
      let sources = examination.sources(of: word).map(\.description)
      if boot.grubMadeFile != nil, edited.contains(word) != made.contains(word),
        boot.edited.contains(where: { $0.loader == .grub }) || !edited.contains(word)
      {
        found.append(
          ReadinessCheck(
            .bootDrift, .warning,
            edited.contains(word)
              ? "\(word) is in GRUB's defaults and not in what GRUB reads: \(boot.grubUpdate) has not been run since."
              : "\(word) is in what GRUB reads and not in its defaults: the next \(boot.grubUpdate) takes it away.",
            evidence: sources + [boot.grubMadeFile].compactMap { $0 }, remedy: boot.grubUpdate))
      } else if running.contains(word), !edited.contains(word), !made.contains(word) {
        found.append(
          ReadinessCheck(
            .bootDrift, .warning, "\(word) holds on this boot and is in no file that the next one is made of.",
            evidence: sources + boot.files.map { "\($0): not in it" },
            remedy: word.hasPrefix("intel_iommu=") ? boot.addition(of: word) ?? "" : ""))
      } else if !running.contains(word) {
        found.append(
          ReadinessCheck(
            .bootDrift, .info, "\(word) is configured, and this boot did not get it: it holds from the next one on.",
            evidence: sources))
      }
    }
    if !found.isEmpty { return found }
    return [
      ReadinessCheck(
        .bootDrift, .ok, "The next boot gets the same arguments as far as they matter here.", evidence: boot.files)
    ]
  }
}
