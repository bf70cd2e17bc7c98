/// Which other kernel arguments have to do with it, and what each is for.
struct BootArguments: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let running = examination.surroundings.commandLine.value ?? []
    var seen: Set<String> = []
    let words = (running + examination.settings.boot.edited.map(\.word)).filter { seen.insert($0).inserted }
    let found = words.compactMap { word -> ReadinessCheck? in
      if word == "hostdev=off" { return off(word, running.contains(word), examination) }
      guard let meaning = KernelWord.meaning(word) else { return nil }
      return ReadinessCheck(
        .bootArgument, .info, "\(word) \(meaning).", evidence: examination.sources(of: word).map(\.description))
    }
    return found
  }

  private func off(_ word: String, _ isRunning: Bool, _ examination: Examination) -> ReadinessCheck {
    ReadinessCheck(
      .pinsOff, .warning,
      isRunning
        ? "This boot was told to leave every pin alone: \(word)."
        : "The next boot is told to leave every pin alone: \(word).",
      evidence: examination.sources(of: word).map(\.description), remedy: examination.settings.boot.removal(of: word))
  }
}
