import Host
import Sysfs

/// A module that is loaded at boot with options: a line of `/etc/modules` or of initramfs-tools.
///
/// `/etc/modules-load.d` takes names alone.
struct ModuleLists {
  private static let paths = ["/etc/initramfs-tools/modules", "/etc/modules"]

  /// As if they stood in modprobe.d.
  static func read(_ files: inout SettingFiles) -> [ModprobeLine] {
    paths.flatMap { path in
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
