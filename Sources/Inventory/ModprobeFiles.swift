import Host
import Sysfs

/// Reads `modprobe.d(5)` as modprobe does.
struct ModprobeFiles {
  let sysfs: any Sysfs

  /// In order of precedence: a file hides those of the same name further down.
  private static let folders = [
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d",
  ]

  func lines(commandLine: [String]) -> [ModprobeLine] {
    var files: [String: String] = [:]
    for folder in Self.folders {
      for name in sysfs.names(in: folder) where name.hasSuffix(".conf") && files[name] == nil {
        files[name] = "\(folder)/\(name)"
      }
    }
    let read = files.sorted { $0.key < $1.key }.flatMap { lines(of: $0.value) }
    return read + commandLine.flatMap(Self.blacklist)
  }

  private func lines(of file: String) -> [ModprobeLine] {
    var found: [ModprobeLine] = []
    var pending = ""
    var start = 1
    let text = sysfs.fact(file).value ?? ""
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
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
