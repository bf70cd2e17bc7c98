import Settings

extension BootConfiguration {
  /// Which entry boots next, and why that one.
  var reason: [Finding.Evidence] {
    switch next.choice {
    case .entry(let entry, let reason):
      return next.entries.count > 1 ? ["boots next: \(entry.title.isEmpty ? entry.id : entry.title) (\(reason))"] : []
    case .unknown(let reason): return ["which entry boots next is unknown: \(reason)"]
    case .unseen: return []
    }
  }

  /// The program that makes entries.
  var updateName: String { updateTool ?? "run of its tool" }

  /// Brings a word of the defaults into the entries, or takes it out if it is not to get there.
  func carryOn(_ word: String) -> String {
    if unwanted.contains(where: { BootArgument.areSame($0, word) }) { return removal(of: word) }
    return tools.editor == .files ? update ?? "" : addition(of: word) ?? ""
  }
}
