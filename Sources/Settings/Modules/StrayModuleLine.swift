import Host
import Sysfs

/// A line that names devices for a guest driver where no program reads such a line.
public struct StrayModuleLine: Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// In a folder of modprobe.d, and modprobe reads files `*.conf` alone.
    case fileName
    /// Its first word is no command of modprobe.d.
    case command(String)
    /// In a list of modules that takes names alone.
    case namesOnly
  }

  public let source: SourceLine
  public let reason: Reason

  /// What libkmod's `kmod_config_parse` knows, old commands too.
  private static let commands: Set = [
    "alias", "blacklist", "options", "install", "remove", "softdep", "weakdep", "include", "config",
  ]

  static func read(_ files: inout SettingFiles) -> [StrayModuleLine] {
    var found: [StrayModuleLine] = []
    for folder in ModprobeFiles.folders {
      for name in files.names(folder) {
        let isRead = name.hasSuffix(".conf")
        // A copy that a package manager or an administrator put aside is not meant to be read.
        if !isRead, name.contains(".") { continue }
        found += meant("\(folder)/\(name)", &files) { words in
          if !isRead { return .fileName }
          return commands.contains(words[0]) ? nil : .command(words[0])
        }
      }
    }
    // Debian's systemd has it in the folder as well, as a link.
    let list = ModuleLists.takesNamesOnly(files.sysfs) ? [ModuleLists.path] : []
    let folders = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d"]
    for file in list + files.files(in: folders, ending: ".conf")
    where !list.contains(where: { isLink(file, to: $0, in: &files) }) {
      found += meant(file, &files) { words in words.count > 1 || words[0].contains("=") ? .namesOnly : nil }
    }
    return found
  }

  /// The same file under another name, as far as its text tells.
  private static func isLink(_ path: String, to list: String, in files: inout SettingFiles) -> Bool {
    path.hasSuffix("/modules-load.d/modules.conf") && files.lines(path) == files.lines(list)
  }

  /// Lines that are about a guest driver or its ids, and for which there is a reason.
  private static func meant(
    _ path: String, _ files: inout SettingFiles, reason: ([String]) -> Reason?
  ) -> [StrayModuleLine] {
    ModprobeFiles.joined(files.lines(path) ?? []).compactMap { number, line in
      let words = words(line)
      guard let first = words.first, !first.hasPrefix("#"), !first.hasPrefix(";"),
        !ClaimedID.written(in: line).isEmpty, line.contains("vfio") || line.contains("stub") || line.contains("ids"),
        let reason = reason(words)
      else { return nil }
      return StrayModuleLine(source: SourceLine(path, number, text: line), reason: reason)
    }
  }
}
