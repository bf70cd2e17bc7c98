import Settings

extension BootConfiguration {
  /// A word of the files that entries are made of, which no entry has yet: the next run of the tool puts it in.
  func waits(_ word: String) -> Bool {
    next.choice != .unseen && defaults.has(word) && !promised.has(word) && !possible.has(word)
  }
}

extension Examination {
  /// What a new run of the boot loader's tool would give away. What takes such a word back does not run that tool.
  private var waiting: [(word: String, claim: Claim)] {
    let boot = settings.boot
    return KernelWord.counting(boot.defaults.map(\.word)).filter(boot.waits).compactMap { word in
      kernelClaim(word, strike: .remade, in: boot).map { (word, $0) }
    }
  }

  var waitingClaims: [Claim] {
    let running = surroundings.commandLine.value ?? []
    return waiting.filter { word, _ in
      !running.contains { BootArgument.areSame($0, word) }
    }.map(\.claim)
  }

  /// The boot loader's files and tools, for remedies: none of these brings a word to the next boot that takes from the
  /// host what it uses.
  var boot: BootConfiguration {
    var boot = settings.boot
    boot.unwanted = waiting.filter { !losses(to: $0.claim).isEmpty }.map(\.word)
    if boot.tools.imageUpdate == boot.updateTool { boot.tools.imageUpdate = boot.update }
    return boot
  }
}
