import Host
import Sysfs

/// Commands that write a number of virtual functions at boot: rc.local, cron, ifupdown's and systemd's own lines.
enum BootScripts {
  static func virtualCounts(_ files: inout SettingFiles) -> [VirtualCount] {
    Self.files(&files).filter { $0.tool != .tmpfiles }.flatMap { lines(of: $0.path, $0.tool, in: &files) }
  }

  /// Files with commands that run at boot, and what runs them.
  static func files(_ files: inout SettingFiles) -> [(path: String, tool: VirtualCount.Tool)] {
    let scripts =
      ["/etc/rc.local", "/etc/rc.d/rc.local", "/etc/crontab", "/etc/network/interfaces"]
      + files.files(in: ["/etc/cron.d"], ending: "") + files.files(in: ["/etc/network/interfaces.d"], ending: "")
    let units = files.files(
      in: ["/etc", "/run", "/usr/local/lib"].map { "\($0)/systemd/system" }, ending: ".service")
    let temporary = files.files(
      in: ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map { "\($0)/tmpfiles.d" }, ending: ".conf")
    return scripts.map { ($0, .script) } + units.map { ($0, .unit) } + temporary.map { ($0, .tmpfiles) }
  }

  private static func lines(
    of file: String, _ tool: VirtualCount.Tool, in files: inout SettingFiles
  ) -> [VirtualCount] {
    var found: [VirtualCount] = []
    var interface = ""
    for (index, raw) in (files.lines(file) ?? []).enumerated() {
      let line = trimmed(raw)
      if line.hasPrefix("iface ") { interface = words(line).dropFirst().first ?? "" }
      // A unit's `%` stands doubled for one, and a unit's `%i` is no path.
      guard line.contains(VirtualCountFiles.attribute), !line.hasPrefix("#"), let start = line.firstRange(of: "echo ")
      else { continue }
      // `-` before a unit's command and a quote behind it are not the shell's.
      let plain = line[start.lowerBound...].replacing("$IFACE", with: interface)
      for part in plain.split(whereSeparator: { ";&|'".contains($0) }) where part.contains(VirtualCountFiles.attribute)
      {
        found.append(count(String(part), tool, at: SourceLine(file, index + 1, text: line)))
      }
    }
    return found
  }

  /// `echo 7 > /sys/class/net/eth0/device/sriov_numvfs`.
  private static func count(_ command: String, _ tool: VirtualCount.Tool, at source: SourceLine) -> VirtualCount {
    let words = words(command.replacing(">", with: " ").replacing("\"", with: ""))
    let path = words.last { $0.hasSuffix(VirtualCountFiles.attribute) } ?? ""
    let number = words.dropFirst().first { !$0.hasPrefix("-") } ?? ""
    return VirtualCountFiles.count(tool, path, value: number, at: source)
  }
}
