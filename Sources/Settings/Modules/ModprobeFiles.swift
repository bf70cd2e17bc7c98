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
    joined(files.lines(file) ?? []).compactMap { line in
      let fields = words(line.text)
      guard fields.count >= 2, let command = ModprobeLine.Command(rawValue: fields[0]) else { return nil }
      return ModprobeLine(
        file: file, line: line.number, command: command, module: ModuleNames.spelled(fields[1]),
        arguments: fields.dropFirst(2).joined(separator: " "))
    }
  }

  /// Lines that a backslash makes one, as kmod reads them (`getline_wrapped`), with the number of the first. A comment
  /// goes on in the same way.
  static func joined(_ lines: [String]) -> [(number: Int, text: String)] {
    var found: [(number: Int, text: String)] = []
    var goesOn = false
    for (index, line) in lines.enumerated() {
      let text = line.hasSuffix("\\") ? String(line.dropLast()) : line
      if goesOn { found[found.count - 1].text += text } else { found.append((index + 1, text)) }
      goesOn = line.hasSuffix("\\")
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
