import Host
import Sysfs

/// A path below /sys, and what a tool writes to it at boot: settings that are no commands.
struct WrittenPath {
  let tool: VirtualCount.Tool
  let path: String
  let value: String
  let source: SourceLine

  static func all(_ files: inout SettingFiles) -> [WrittenPath] {
    sysfsutils(&files) + TunedFiles.written(&files) + tmpfiles(&files)
  }

  /// `/etc/sysfs.conf` of sysfsutils: `class/net/eth0/device/sriov_numvfs = 7`, below `/sys`.
  private static func sysfsutils(_ files: inout SettingFiles) -> [WrittenPath] {
    var found: [WrittenPath] = []
    for file in ["/etc/sysfs.conf"] + files.files(in: ["/etc/sysfs.d"], ending: ".conf") {
      for line in KeyLine.all(files.lines(file) ?? []) {
        let path = line.key.hasPrefix("/sys/") ? line.key : "/sys/" + line.key.drop { $0 == "/" }
        found.append(
          WrittenPath(
            tool: .sysfsutils, path: path, value: line.value,
            source: SourceLine(file, line.line, text: "\(line.key) = \(line.value)")))
      }
    }
    return found
  }

  /// tmpfiles.d(5): `w /sys/…/sriov_numvfs - - - - 7`.
  private static func tmpfiles(_ files: inout SettingFiles) -> [WrittenPath] {
    let folders = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map { "\($0)/tmpfiles.d" }
    var found: [WrittenPath] = []
    for file in files.files(in: folders, ending: ".conf") {
      for (index, line) in (files.lines(file) ?? []).enumerated() {
        let fields = words(line).map { $0.replacing("\"", with: "") }
        guard fields.count >= 7, fields[0].hasPrefix("w"), fields[1].hasPrefix("/sys/") else { continue }
        let value = fields[6...].joined(separator: " ")
        found.append(
          WrittenPath(tool: .tmpfiles, path: fields[1], value: value, source: SourceLine(file, index + 1, text: line)))
      }
    }
    return found
  }
}
