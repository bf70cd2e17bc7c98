import Host

/// One word of a kernel command line, as a boot loader's file has it.
public struct BootArgument: Sendable, Equatable {
  /// As the loader hands it on.
  public let word: String
  /// As the file spells it, with its escapes and variables.
  public let spelling: String
  public let source: SourceLine
  public let loader: BootFile

  public init(_ word: String, spelling: String? = nil, source: SourceLine, loader: BootFile) {
    self.word = word
    self.spelling = spelling ?? word
    self.source = source
    self.loader = loader
  }

  /// The kernel takes the quotes off a value (`next_arg` of lib/cmdline.c), and a loader may have done so before.
  public static func unquoted(_ word: String) -> String { word.filter { $0 != "\"" } }

  public func isSame(as word: String) -> Bool { Self.areSame(self.word, word) }

  public static func areSame(_ one: String, _ other: String) -> Bool { unquoted(one) == unquoted(other) }
}

/// What a file, or several that are read as one, has of a command line.
public struct BootWords: Sendable, Equatable {
  public var arguments: [BootArgument] = []
  /// Words that hold what a command prints, or a variable that no file sets: as they are spelled.
  public var unknown: [BootArgument] = []
  /// Every quote is closed.
  public var isComplete = true

  /// The same words in another order of theirs, or with others beside them.
  public func differsOnlyInWords(from other: BootWords) -> Bool {
    unknown.map(\.spelling) == other.unknown.map(\.spelling) && isComplete == other.isComplete
  }
}

extension [BootArgument] {
  public func has(_ word: String) -> Bool { contains { $0.isSame(as: word) } }
}

/// The files that kernel arguments come from.
public enum BootFile: String, Sendable, CaseIterable {
  /// `/etc/default/grub` and `/etc/default/grub.d/*.cfg`: what `grub-mkconfig` makes grub.cfg of.
  case grub
  /// `grub.cfg`, which GRUB itself reads.
  case grubMade = "grub.cfg"
  /// `kernelopts` of GRUB's environment block, which entries name.
  case environment = "grubenv"
  /// `/etc/kernel/cmdline`: what `kernel-install(8)` and Proxmox's tool make entries of.
  case kernelInstall = "kernel-install"
  /// An entry of the Boot Loader Specification: read by systemd-boot, and by GRUB on Fedora.
  case entry
  /// The section `.cmdline` of a unified kernel image.
  case unified
  /// What the kernel is given that writes a dump after a crash.
  case crash
}
