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

extension BootConfiguration {
  /// Takes lines out of modprobe's files, or of lists of modules, behind other edits; and brings that into the initramfs.
  func without(_ lines: [SourceLine], after edits: [String] = []) -> String {
    if tools.editor == .nixos || tools.editor == .guix {
      return (edits + lines.map { tools.declared("remove", $0.text, in: .modprobe) }).joined(separator: "; ")
    }
    let heads = Set(lines.compactMap { generated[$0.file]?.change }).sorted().map { "\($0); until then: " }
    return heads.joined() + tools.after(edits + lines.map(ShellCommand.commentOut))
  }
}

extension BootTools {
  enum Declaration { case kernelArguments, modprobe }

  /// Of a system that is made of a configuration: its files are links to what that was built to.
  func declared(_ verb: String, _ text: String, in place: Declaration) -> String {
    let isNixOS = editor == .nixos
    let field =
      switch place {
      case .kernelArguments: isNixOS ? "boot.kernelParams" : "the field kernel-arguments"
      case .modprobe: isNixOS ? "boot.extraModprobeConfig" : "the files of modprobe.d"
      }
    let configuration = isNixOS ? "the NixOS configuration (/etc/nixos)" : "/etc/config.scm"
    return
      "\(verb) \"\(text)\" \(verb == "add" ? "to" : "from") \(field) of \(configuration), then: \(imageUpdate ?? "build it again")"
  }

  /// Edits of modprobe.d, and what puts them into the initramfs: the copy in there counts at boot.
  func after(_ edits: [String]) -> String {
    if let imageUpdate { return ShellCommand.chain(edits + [imageUpdate]) }
    // There the image of the system has one without the host's own files, unless some are tracked.
    let copy = initramfs == .ostree ? "if the initramfs has a copy: rpm-ostree initramfs-etc --force-sync" : nil
    return "\(ShellCommand.chain(edits)); \(copy ?? "then rebuild the initramfs")"
  }
}
