import Host
import Sysfs

/// udev's rules, as far as one of them does something to a PCI function that matters here: udev(7).
public struct UdevRules: Sendable, Equatable {
  /// In order of precedence: a file hides those of the same name further down.
  static let folders = [
    "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
  ]
  /// Where an administrator writes.
  static let folder = folders[0]

  /// File by file, in the order of their names. Files of which no rule matters are left out.
  public internal(set) var files: [[UdevRule]] = []
  /// Variables that those set which were left out.
  var foreignVariables: Set<String> = []

  public init() {}

  /// The rules that do something.
  public var effective: [UdevRule] { files.flatMap { $0 }.filter { !$0.effects.isEmpty } }

  init(_ reader: inout SettingFiles) {
    for path in reader.files(in: Self.folders, ending: ".rules") where !Self.isLeftOut(path, reader.sysfs) {
      var rules = Self.rules(reader.lines(path) ?? [], of: path)
      for place in rules.indices { rules[place].effects += Self.effects(of: rules[place], &reader) }
      if rules.contains(where: { !$0.effects.isEmpty }) {
        files.append(rules)
      } else {
        foreignVariables.formUnion(rules.flatMap(\.variables).map(\.attribute))
      }
    }
  }

  /// What its programs do.
  private static func effects(of rule: UdevRule, _ reader: inout SettingFiles) -> [FunctionEffect] {
    if rule.programs.isEmpty { return [] }
    var command = DriverCommand(
      files: reader, isOwn: rule.source.file.hasPrefix("/etc/") || rule.source.file.hasPrefix("/run/"), isEvent: true)
    let found = rule.programs.flatMap { command.effects(DriverCommand.marked($0)) }.map(\.effect)
    if let files = command.files { reader = files }
    return found
  }

  /// Hostdev's own, driverctl's, which is known by its folder, and a file that is masked by a link to `/dev/null`.
  private static func isLeftOut(_ path: String, _ sysfs: any Sysfs) -> Bool {
    if path.contains("hostdev") || path.hasSuffix("driverctl.rules") { return true }
    return (try? sysfs.linkTarget(path)).map { $0.hasSuffix("/dev/null") } ?? false
  }

  /// A line goes on after `\` at its end; comments are lines that begin with `#`, between such lines too
  /// (`udev_rules_parse_file` of systemd).
  static func rules(_ lines: [String], of file: String) -> [UdevRule] {
    var found: [UdevRule] = []
    var pending = ""
    var start = 0
    for (index, raw) in lines.enumerated() {
      let line = String(raw.drop { $0 == " " || $0 == "\t" })
      if line.hasPrefix("#") { continue }
      if pending.isEmpty { start = index + 1 }
      if line.hasSuffix("\\"), index + 1 < lines.count {
        pending += line.dropLast()
        continue
      }
      let text = pending + line
      pending = ""
      if text.isEmpty { continue }
      found.append(UdevRule(text, SourceLine(file, start, text: text), lastLine: index + 1))
    }
    return found
  }
}
