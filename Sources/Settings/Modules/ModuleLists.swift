import Host
import Sysfs

/// A module that is loaded at boot with options: a line of initramfs-tools, or of `/etc/modules` without systemd.
///
/// systemd-modules-load takes names alone, in `/etc/modules-load.d` as in `/etc/modules`.
struct ModuleLists {
  static let path = "/etc/modules"

  /// Another init reads options, too; its files may be left of an older system.
  static func takesNamesOnly(_ sysfs: any Sysfs) -> Bool {
    ["/run/systemd/system", "/usr/lib/systemd/systemd-modules-load"].contains(where: sysfs.exists)
      || !["/etc/alpine-release", "/etc/devuan_version", "/sbin/openrc-run", "/etc/inittab"].contains(
        where: sysfs.exists)
  }

  /// As if they stood in modprobe.d.
  static func read(_ files: inout SettingFiles) -> [ModprobeLine] {
    (["/etc/initramfs-tools/modules"] + (takesNamesOnly(files.sysfs) ? [] : [path])).flatMap { path in
      (files.lines(path) ?? []).enumerated().compactMap { number, line in
        let fields = words(line.prefix { $0 != "#" })
        guard fields.count > 1 else { return nil }
        return ModprobeLine(
          file: path, line: number + 1, command: .options, module: ModuleNames.spelled(fields[0]),
          arguments: fields.dropFirst().joined(separator: " "))
      }
    }
  }
}
