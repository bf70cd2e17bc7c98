/// One word of a kernel command line as a boot loader's file has it: what the next boot will get.
public struct BootArgument: Sendable, Equatable {
  public let word: String
  public let source: SourceLine
  public let loader: BootFile

  public init(_ word: String, _ source: SourceLine, _ loader: BootFile) {
    self.word = word
    self.source = source
    self.loader = loader
  }
}

/// The files that kernel arguments come from.
public enum BootFile: String, Sendable, CaseIterable {
  /// `/etc/default/grub` and `/etc/default/grub.d/*.cfg`: what `update-grub` makes grub.cfg of.
  case grub
  /// `/boot/grub/grub.cfg`, which GRUB itself reads.
  case grubMade = "grub.cfg"
  /// `/etc/kernel/cmdline`: what `kernel-install(8)` and Proxmox's tool make entries of.
  case kernelInstall = "kernel-install"
  /// An entry of the Boot Loader Specification: read by systemd-boot, and by GRUB on Fedora.
  case entry
}

/// What the next boot is configured to be.
public struct BootConfiguration: Sendable, Equatable {
  public var arguments: [BootArgument] = []
  /// `/boot/grub/grub.cfg` or `/boot/grub2/grub.cfg`, where it has command lines of its own.
  public var grubMadeFile: String?
  /// The command that brings an edit of GRUB's defaults into effect.
  public var grubUpdate = "update-grub"
  /// The command that brings an edit of `/etc/kernel/cmdline` into effect.
  public var kernelInstallUpdate = #"kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)""#
  /// The initramfs of each kernel that is installed.
  public var images: [InitramfsPlace] = []
  /// Files with command lines that were found, in the order in which they count.
  public var files: [String] = []

  public init() {}

  /// Arguments that someone can edit, not those that are made of others.
  public var edited: [BootArgument] { arguments.filter { $0.loader != .grubMade } }
  public var made: [BootArgument] { arguments.filter { $0.loader == .grubMade } }

  /// Whether anything tells what the next boot will get.
  public var isKnown: Bool { !files.isEmpty }

  /// What brings an edit into effect; nil where the file itself is what gets read.
  func update(after loader: BootFile) -> String? {
    switch loader {
    case .grub, .grubMade: grubUpdate
    case .kernelInstall: kernelInstallUpdate
    case .entry: nil
    }
  }
}
