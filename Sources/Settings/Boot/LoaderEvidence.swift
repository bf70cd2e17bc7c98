/// What tells which boot loader starts this host.
struct LoaderEvidence {
  /// `LoaderInfo` of the firmware's variables: the loader of this boot.
  let info: String?
  /// The running kernel's.
  let commandLine: [String]
  /// A menu of GRUB's is there.
  let hasGRUB: Bool
  let hasGRUBDefaults: Bool
  /// Entries are there, and the loader that reads them.
  let hasSystemdBoot: Bool
  let hasKernelInstall: Bool

  /// GRUB is told from GRUB with entries elsewhere. Nil if it cannot be told.
  var loader: NextBoot.Loader? {
    if let info {
      return info.hasPrefix("systemd-boot") ? .systemdBoot : info.hasPrefix("GRUB") ? .grub : nil
    }
    switch (hasGRUB, hasSystemdBoot) {
    case (true, false): return .grub
    case (false, true): return .systemdBoot
    case (true, true): return started
    case (false, false): break
    }
    switch (hasGRUBDefaults, hasKernelInstall) {
    case (true, false): return .grub
    case (false, true): return .systemdBoot
    case (true, true): return started
    case (false, false): return nil
    }
  }

  /// GRUB names the kernel in the command line; systemd-boot, whose paths are the firmware's, the initramfs.
  private var started: NextBoot.Loader? {
    if commandLine.contains(where: { $0.hasPrefix("BOOT_IMAGE=") }) { return .grub }
    return commandLine.contains { $0.hasPrefix("initrd=\\") } ? .systemdBoot : nil
  }
}
