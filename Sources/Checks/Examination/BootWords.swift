import Host
import Settings

/// How words of the kernel's command line are written into the boot loader's files, and taken out of them.
extension BootConfiguration {
  /// The commands after which the next boot gets a word more; nil if there is no file that is known to be edited.
  func addition(of word: String) -> String? {
    if files.contains("/etc/default/grub") {
      // A line of its own, so that whatever stands in the file is left as it is.
      return ShellCommand.chain([
        "echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX \(word)\"' >> /etc/default/grub", grubUpdate,
      ])
    }
    if files.contains("/etc/kernel/cmdline") {
      return ShellCommand.chain(["sed -i '1s/$/ \(word)/' /etc/kernel/cmdline", kernelInstallUpdate])
    }
    let entries = files.filter { $0.contains("/loader/entries/") }
    return entries.isEmpty
      ? nil : "sed -i 's/^options .*/& \(word)/' \(entries.map(ShellWord.quoted).joined(separator: " "))"
  }

  /// How a word is taken back: the commands, or the files to look at.
  func withdrawal(of word: String) -> String {
    let removal = removal(of: word)
    if !removal.isEmpty { return removal }
    let key = word.prefix { $0 != "=" }
    return
      "find the file that sets it: grep -rn \(ShellWord.quoted("\(key)=")) /etc/default/grub /etc/default/grub.d /etc/kernel /boot/loader /boot/grub"
  }

  /// The commands after which the next boot no longer gets a word; empty if no file was found that has it.
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
