import Host
import Settings

/// How words of the kernel's command line are given to the next boot and taken from it, with what this host has for it.
extension BootConfiguration {
  /// What brings an edit of the defaults into effect, and nothing unwanted with it; nil if the edited file itself is read.
  var update: String? {
    updateTool.map { edits(without: unwanted).text(then: $0) }
  }

  var updateTool: String? {
    switch next.loader {
    case .grub: tools.grubUpdate
    case .grubEntries: makesEntries ? tools.entriesUpdate : tools.grubUpdate
    case .systemdBoot: makesEntries ? tools.entriesUpdate : nil
    case nil: files.first { $0.hasPrefix("/etc/default/grub") } != nil ? tools.grubUpdate : tools.entriesUpdate
    }
  }

  /// The commands after which the next boot gets a word more; nil if there is no file that is known to be edited.
  func addition(of word: String) -> String? {
    let quoted = ShellWord.quoted(word)
    switch tools.editor {
    case .ostree: return "rpm-ostree kargs --append-if-missing=\(quoted)"
    case .nixos, .guix: return tools.declared("add", word, in: .kernelArguments)
    case .kernelstub: return "kernelstub --add-options \(quoted)"
    case .grubby: return "grubby --update-kernel=ALL --args=\(quoted)"
    case .files: break
    }
    if let entry = next.entry, !entry.isMadeOfDefaults {
      return "add \(word) in \(entry.maker) to the line of \(entry.title)" + (update.map { ", then: \($0)" } ?? "")
    }
    // It is there, and was not carried on.
    if defaults.has(word) { return update }
    let targets = defaultFiles.isEmpty ? next.candidates.map(\.place.file) : defaultFiles
    for file in targets {
      guard let edit = WordAddition(of: word, to: file, in: self) else { continue }
      return ShellCommand.chain([edit.command, defaultFiles.isEmpty ? nil : update])
    }
    return nil
  }

  /// The files that entries are made of, the one first that a word is added to.
  private var defaultFiles: [String] {
    let grub = files.filter { $0.hasPrefix("/etc/default/grub") }
    let kernel = files.filter { texts[$0] != nil && !$0.hasPrefix("/etc/default/grub") && !$0.contains("/loader/") }
    switch next.loader {
    // What a later file sets, a word in the first does not change.
    case .grub: return grub.prefix(1) + grub.dropFirst().reversed()
    case .grubEntries: return makesEntries ? kernel : grub.prefix(1) + grub.dropFirst().reversed()
    case .systemdBoot: return kernel
    case nil: return grub + kernel
    }
  }

  /// How a word is taken back: the commands, or the files to look at.
  func withdrawal(of word: String) -> String {
    let removal = removal(of: word)
    if !removal.isEmpty { return removal }
    if next.entry != nil || next.choice == .unseen && isKnown && !defaults.has(word) {
      return "reboot; the next boot does not have it"
    }
    let key = word.prefix { $0 != "=" }
    return
      "find the file that sets it: grep -rn \(ShellWord.quoted("\(key)=")) /etc/default/grub /etc/default/grub.d /etc/kernel /boot/loader /boot/grub"
  }

  /// The commands after which the next boot no longer gets a word; empty if no file was found that has it.
  func removal(of word: String) -> String {
    guard edited.has(word) || made.has(word) else { return "" }
    var others = self
    others.unwanted.removeAll { BootArgument.areSame($0, word) }
    let edits = edits(without: [word])
    // No entry has it: to make them anew would take nothing away.
    if waits(word) { return edits.text(then: nil) }
    // A value with quotes is a riddle to most tools: the key alone stands for all of its values.
    let quoted = ShellWord.quoted(word.contains("\"") ? String(word.drop { $0 == "\"" }.prefix { $0 != "=" }) : word)
    switch tools.editor {
    // These leave the files alone that no entry is made of now, and another tool may later make some of.
    case .ostree: return edits.text(then: "rpm-ostree kargs --delete-if-present=\(quoted)")
    case .nixos, .guix: return tools.declared("remove", word, in: .kernelArguments)
    case .kernelstub: return edits.text(then: "kernelstub --delete-options \(quoted)")
    case .grubby: return edits.text(then: "grubby --update-kernel=ALL --remove-args=\(quoted)")
    case .files: return edits.text(then: edits.isOfEntry ? nil : others.update)
    }
  }

  /// Edits of files, as commands and for an editor.
  private struct Edits {
    var commands: [String] = []
    var byHand: [String] = []
    /// The entries themselves are edited, which nothing makes.
    var isOfEntry = false

    /// Of files that other programs make, where they are to be changed.
    var heads: Set<String> = []

    func text(then last: String?) -> String {
      let heads = heads.sorted().map { "\($0); until then: " }.joined()
      if byHand.isEmpty { return heads + ShellCommand.chain(commands + [last]) }
      return heads + (commands + byHand).joined(separator: "; ") + (last.map { "; then: \($0)" } ?? "")
    }
  }

  private func edits(without words: [String]) -> Edits {
    var boot = self
    var edits = Edits()
    for word in words { boot.edit(without: word, &edits) }
    return edits
  }

  private mutating func edit(without word: String, _ edits: inout Edits) {
    // What makes the entries, or if nothing does, they themselves.
    let all = tools.editor != .files || makesEntries || !defaults.isEmpty ? defaults : edited
    let lines = all.filter { $0.isSame(as: word) }
    for file in lines.map(\.source.file).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
      // From the last on: lines keep their numbers, and a line that has it twice is gone over twice.
      while let last = words(of: file, reading: texts[file] ?? "").arguments.last(where: {
        $0.isSame(as: word) && $0.source.file == file
      }) {
        guard let edit = WordRemoval(of: last, from: self) else {
          edits.byHand.append(
            "edit \(last.source.place) by hand and remove \(last.spelling) from: \(trimmed(last.source.text))")
          break
        }
        edits.commands.append(edit.command)
        if let head = generated[file] { edits.heads.insert(head.change) }
        texts[file] = edit.text
      }
    }
    // What a command prints as the defaults are read may well be this word.
    let makers = lines.isEmpty && makesEntries && made.has(word) && !waits(word) ? unknown : []
    edits.byHand += makers.map {
      "edit \($0.source.place) by hand: \($0.spelling) may set \(word) in: \(trimmed($0.source.text))"
    }
    if tools.editor == .files, lines.isEmpty, let entry = next.entry, !makesEntries || !entry.isMadeOfDefaults {
      let maker = entry.maker.isEmpty ? "what made \(entry.place.place)" : entry.maker
      edits.byHand.append("remove \(word) from \(maker)")
    }
    edits.isOfEntry = lines.first?.loader == .entry
  }

  private func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(start)
  }
}
