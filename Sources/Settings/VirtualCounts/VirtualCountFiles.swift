import Host
import Sysfs

/// Reads what tools other than udev were told about numbers of virtual functions.
enum VirtualCountFiles {
  static let attribute = "sriov_numvfs"

  static func read(_ files: inout SettingFiles) -> [VirtualCount] {
    NetplanFiles.virtualCounts(&files) + LinkFiles.virtualCounts(&files) + NetworkManagerFiles.virtualCounts(&files)
      + sysfsutils(&files) + TunedFiles.virtualCounts(&files) + tmpfiles(&files) + HostdevNetworks.virtualCounts(&files)
      + BootScripts.virtualCounts(&files)
  }

  /// `/etc/sysfs.conf` of sysfsutils: `class/net/eth0/device/sriov_numvfs = 7`, below `/sys`.
  private static func sysfsutils(_ files: inout SettingFiles) -> [VirtualCount] {
    var found: [VirtualCount] = []
    for file in ["/etc/sysfs.conf"] + files.files(in: ["/etc/sysfs.d"], ending: ".conf") {
      for line in KeyLine.all(files.lines(file) ?? []) where line.key.hasSuffix(attribute) {
        let path = line.key.hasPrefix("/sys/") ? line.key : "/sys/" + line.key.drop { $0 == "/" }
        found.append(
          count(
            .sysfsutils, path, value: line.value, at: SourceLine(file, line.line, text: "\(line.key) = \(line.value)")))
      }
    }
    return found
  }

  /// tmpfiles.d(5): `w /sys/…/sriov_numvfs - - - - 7`.
  private static func tmpfiles(_ files: inout SettingFiles) -> [VirtualCount] {
    let folders = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map { "\($0)/tmpfiles.d" }
    var found: [VirtualCount] = []
    for file in files.files(in: folders, ending: ".conf") {
      for (index, line) in (files.lines(file) ?? []).enumerated() {
        let fields = words(line).map { $0.replacing("\"", with: "") }
        guard fields.count >= 7, fields[0].hasPrefix("w"), fields[1].hasSuffix(attribute) else { continue }
        found.append(count(.tmpfiles, fields[1], value: fields[6], at: SourceLine(file, index + 1, text: line)))
      }
    }
    return found
  }

  static func count(
    _ tool: VirtualCount.Tool, _ path: String, value: String, at source: SourceLine
  ) -> VirtualCount {
    VirtualCount(tool, .path(path), count: Int(trimmed(value).replacing("\"", with: "")), source: source)
  }
}
