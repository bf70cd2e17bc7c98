import Host
import Sysfs

/// The profile of tuned that is active, and those that it includes: `[sysfs]` of tuned.conf(5).
enum TunedFiles {
  private static let folders = [
    "/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned",
  ]

  static func written(_ files: inout SettingFiles) -> [WrittenPath] {
    var names = words((files.text("/etc/tuned/active_profile") ?? "").replacing("\n", with: " "))
    var seen: Set<String> = []
    var found: [WrittenPath] = []
    while let name = names.popLast(), seen.count < 50 {
      guard seen.insert(name).inserted else { continue }
      for folder in folders {
        let file = "\(folder)/\(name)/tuned.conf"
        guard let lines = files.lines(file) else { continue }
        for line in KeyLine.all(lines) {
          if line.section == "main", line.key == "include" {
            names += line.value.split { ", ;".contains($0) }.map(String.init)
          }
          guard line.key.hasPrefix("/sys/") else { continue }
          let source = SourceLine(file, line.line, text: "\(line.key)=\(line.value)")
          found.append(WrittenPath(tool: .tuned, path: line.key, value: line.value, source: source))
        }
        break
      }
    }
    return found
  }
}
