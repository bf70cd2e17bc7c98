import Host
import Settings

/// Commands to paste, made of file names and words that others chose.
enum ShellCommand {
  /// One after the other, as long as they succeed.
  static func chain(_ commands: [String?]) -> String { commands.compactMap { $0 }.joined(separator: " && ") }

  /// Makes a line a comment: what it said can be read on.
  static func commentOut(_ source: SourceLine) -> String { commentOut(source, through: source.line ?? 1) }

  /// `last`: of a line that goes on, its end: what is left of it would be a line of its own.
  static func commentOut(_ source: SourceLine, through last: Int) -> String {
    let first = source.line ?? 1
    let lines = last > first ? "\(first),\(last)" : "\(first)"
    return "sed -i \(ShellWord.quoted("\(lines)s/^/#/")) \(ShellWord.quoted(source.file))"
  }

  static func remove(_ file: String) -> String { "rm \(ShellWord.quoted(file))" }
}

extension BootTools {
  /// Edits of modprobe.d, and what puts them into the initramfs: the copy in there counts at boot.
  func after(_ edits: [String]) -> String {
    if let imageUpdate { return ShellCommand.chain(edits + [imageUpdate]) }
    // There the image of the system has one without the host's own files, unless some are tracked.
    let copy = initramfs == .ostree ? "if the initramfs has a copy: rpm-ostree initramfs-etc --force-sync" : nil
    return "\(ShellCommand.chain(edits)); \(copy ?? "then rebuild the initramfs")"
  }
}
