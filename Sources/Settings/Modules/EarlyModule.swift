import Host
import Sysfs

/// A module that a list has loaded at boot by its name.
public struct EarlyModule: Sendable, Equatable {
  /// With underscores.
  public let module: String
  /// In the initramfs; else when the root file system is there, which host drivers do not wait for.
  public let isInImage: Bool
  public let source: SourceLine

  static func read(_ files: inout SettingFiles) -> [EarlyModule] {
    var found = listed("/etc/initramfs-tools/modules", &files, isInImage: true)
    found += dracut(&files) + mkinitcpio(&files)
    found += listed("/etc/modules", &files, isInImage: false)
    let folders = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d"]
    for file in files.files(in: folders, ending: ".conf") { found += listed(file, &files, isInImage: false) }
    return found
  }

  /// A module per line; what follows the name are its options.
  private static func listed(_ path: String, _ files: inout SettingFiles, isInImage: Bool) -> [EarlyModule] {
    (files.lines(path) ?? []).enumerated().compactMap { number, line in
      guard let name = words(line.prefix { $0 != "#" && $0 != ";" }).first else { return nil }
      return EarlyModule(
        module: ModuleNames.spelled(name), isInImage: isInImage, source: SourceLine(path, number + 1, text: line))
    }
  }

  /// `force_drivers+=" vfio-pci "` of dracut.conf(5), and `add_drivers`, which takes a module along without loading it
  /// by itself: a softdep does that.
  private static func dracut(_ files: inout SettingFiles) -> [EarlyModule] {
    let folders = ["/etc/dracut.conf.d", "/usr/lib/dracut/dracut.conf.d"]
    return (["/etc/dracut.conf"] + files.files(in: folders, ending: ".conf")).flatMap { path in
      ShellAssignment.read(files.text(path) ?? "", file: path)
        .filter { ["add_drivers", "force_drivers"].contains($0.name) }
        .flatMap(\.words).map {
          EarlyModule(module: ModuleNames.spelled($0.text), isInImage: true, source: $0.source)
        }
    }
  }

  /// `MODULES=(vfio_pci vfio)` of mkinitcpio.conf(5).
  private static func mkinitcpio(_ files: inout SettingFiles) -> [EarlyModule] {
    let paths = ["/etc/mkinitcpio.conf"] + files.files(in: ["/etc/mkinitcpio.conf.d"], ending: ".conf")
    return paths.flatMap { path in
      (files.lines(path) ?? []).enumerated().flatMap { number, line -> [EarlyModule] in
        let text = trimmed(line)
        guard text.hasPrefix("MODULES=") || text.hasPrefix("MODULES+=") else { return [] }
        let value = text.drop { $0 != "=" }.dropFirst().prefix { $0 != "#" }
        return words(String(value.map { "()\"'".contains($0) ? " " : $0 })).map {
          EarlyModule(
            module: ModuleNames.spelled($0), isInImage: true, source: SourceLine(path, number + 1, text: line))
        }
      }
    }
  }
}
