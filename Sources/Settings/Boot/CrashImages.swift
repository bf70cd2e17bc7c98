import Sysfs

/// Images of the kernel that is started after a crash to write the dump (kdump).
enum CrashImages {
  static func find(_ files: inout SettingFiles) -> [InitramfsPlace] {
    var found: [InitramfsPlace] = []
    for folder in ["/boot", "/var/lib/kdump"] {
      let names = files.sysfs.exists(folder) ? files.names(folder) : []
      found += names.compactMap { place($0, in: folder) }
    }
    return found
  }

  /// `initramfs-6.12.1.kdump.img`, `initramfs-6.12.1kdump.img` of Fedora, `initrd-6.4.0-default-kdump` of SUSE, and
  /// anything of Debian's folder.
  static func place(_ name: String, in folder: String) -> InitramfsPlace? {
    guard name.hasPrefix("initr"), folder == "/var/lib/kdump" || isCrash(name) else { return nil }
    var kernel = Substring(name)
    for start in ["initramfs-", "initrd.img-", "initrd-", "initrd"] where kernel.hasPrefix(start) {
      kernel = kernel.dropFirst(start.count)
      break
    }
    for end in [".img", "kdump", ".", "-"] where kernel.hasSuffix(end) { kernel = kernel.dropLast(end.count) }
    return InitramfsPlace(kernel: String(kernel), path: "\(folder)/\(name)")
  }

  static func isCrash(_ name: String) -> Bool {
    name.hasSuffix("kdump.img") || name.hasSuffix("-kdump") || name.contains("earlykdump")
  }
}
