import Settings

/// Which other kernel arguments have to do with it, and what each is for.
struct BootArguments: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let running = examination.surroundings.commandLine.value ?? []
    var seen: Set<String> = []
    let words = (running + examination.settings.boot.promised.map(\.word)).filter { seen.insert($0).inserted }
    let found = words.compactMap { word -> Finding? in
      if KernelCommandLine.turnsOff(word) { return off(word, examination, isRunning: running.contains(word)) }
      if let maker = examination.iommuMaker, maker.ignores(word) {
        return Finding(
          .bootArgument, .info,
          message:
            "\(word) is without effect: this host's IOMMU is not of that maker. Of \(maker.rawValue), \(maker.advice).",
          evidence: examination.sources(of: word).map { Finding.Evidence($0) })
      }
      if let lack = examination.ineffective(word) {
        return Finding(
          .bootArgument, .warning, on: lack.functions, message: "\(word) is given, without effect: \(lack.reason).",
          evidence: examination.sources(of: word).map { Finding.Evidence($0) } + lack.evidence, remedy: lack.remedy)
      }
      guard let meaning = KernelWord.meaning(word) else { return nil }
      return Finding(
        .bootArgument, .info, message: "\(word) \(meaning).",
        evidence: examination.sources(of: word).map { Finding.Evidence($0) })
    }
    return found
  }

  private func off(_ word: String, _ examination: Examination, isRunning: Bool) -> Finding {
    Finding(
      .pinsOff, .warning,
      message: isRunning
        ? "\(word) is on the kernel command line: no pin was applied at this boot."
        : "\(word) is configured: no pin will be applied at the next boot.",
      evidence: examination.sources(of: word).map { Finding.Evidence($0) },
      remedy: examination.boot.removal(of: word))
  }
}
