import Host

/// One word of a kernel command line as a boot loader's file has it: what the next boot will get.
public struct BootArgument: Sendable, Equatable {
  public let word: String
  public let source: SourceLine
  public let loader: BootFile

  public init(_ word: String, source: SourceLine, loader: BootFile) {
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
