import Host
import Sysfs

/// Reads `modprobe.d(5)` as modprobe does.
public enum ModprobeFiles {
  /// In order of precedence: a file hides those of the same name further down.
  static let folders = [
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d",
  ]

  /// What the files say, then the kernel's command line, given word by word.
  public static func read(_ sysfs: any Sysfs, commandLine: [String]) -> [ModprobeLine] {
    var files = SettingFiles(sysfs)
    let paths = files.files(in: folders, ending: ".conf")
    return paths.flatMap { lines(of: $0, &files) } + commandLine.flatMap(blacklist)
  }

  private static func lines(of file: String, _ files: inout SettingFiles) -> [ModprobeLine] {
    var found: [ModprobeLine] = []
    var pending = ""
    var start = 1
    for (index, line) in (files.lines(file) ?? []).enumerated() {
      if pending.isEmpty { start = index + 1 }
      if line.hasSuffix("\\") {
        pending += line.dropLast() + " "
        continue
      }
      let fields = words(pending + line)
      pending = ""
      guard fields.count >= 2, let command = ModprobeLine.Command(rawValue: fields[0]) else { continue }
      found.append(
        ModprobeLine(
          file: file, line: start, command: command, module: ModuleNames.spelled(fields[1]),
          arguments: fields.dropFirst(2).joined(separator: " ")))
    }
    return found
  }

  /// `modprobe.blacklist=` is modprobe's, `module_blacklist=` the kernel's own.
  private static func blacklist(_ word: String) -> [ModprobeLine] {
    guard let key = ["modprobe.blacklist=", "module_blacklist="].first(where: word.hasPrefix) else { return [] }
    return word.dropFirst(key.count).split(separator: ",").map { name in
      ModprobeLine(
        file: "/proc/cmdline", line: 1, command: .blacklist, module: ModuleNames.spelled(name), arguments: "")
    }
  }
}
