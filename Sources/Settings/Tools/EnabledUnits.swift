import Host
import Sysfs

/// Services that systemd starts at boot, with what they run: systemd.unit(5), systemd.service(5).
struct EnabledUnits {
  /// A command of a service, as the unit has it.
  struct Command {
    let unit: String
    let text: String
    let source: SourceLine
  }

  private static let folders = ["/etc/systemd/system", "/run/systemd/system"] + BootUnits.folders.dropFirst()
  private static let keys: Set = ["ExecStartPre", "ExecStart", "ExecStartPost", "ExecCondition"]
  private static let starts: Set = ["Wants", "Requires", "BindsTo", "Upholds", "OnSuccess", "Unit", "Sockets"]

  static func commands(_ files: inout SettingFiles) -> [Command] {
    var names: [String: [String]] = [:]
    for folder in folders { names[folder] = files.names(folder) }
    var waiting: [String] = []
    for folder in folders {
      for wants in names[folder] ?? [] where BootUnits.isStarted(wants) {
        for unit in files.names("\(folder)/\(wants)") where !isNothing("\(folder)/\(wants)/\(unit)", files.sysfs) {
          waiting.append(unit)
        }
      }
    }
    var found: [Command] = []
    var seen: Set<String> = []
    while let unit = waiting.popLast() {
      guard seen.insert(unit).inserted, !BootUnits.isOurs(unit), seen.count < 2_000 else { continue }
      found += read(unit, names, reading: &files, starting: &waiting)
    }
    return found.sorted { $0.source < $1.source }
  }

  /// One unit with its drop-ins; `waiting` gets what it starts.
  private static func read(
    _ unit: String, _ names: [String: [String]], reading files: inout SettingFiles, starting waiting: inout [String]
  ) -> [Command] {
    let template = BootUnits.template(of: unit)
    let instance =
      unit == template ? "" : String(unit.dropFirst(template.prefix { $0 != "@" }.count + 1).prefix { $0 != "." })
    var paths: [String] = []
    search: for name in [unit, template] {
      for folder in folders where names[folder]?.contains(name) == true {
        if isNothing("\(folder)/\(name)", files.sysfs) { return [] }
        paths = ["\(folder)/\(name)"]
        break search
      }
    }
    for folder in folders.reversed() {
      for name in Set([template, unit]) where names[folder]?.contains("\(name).d") == true {
        paths += files.names("\(folder)/\(name).d").filter { $0.hasSuffix(".conf") }.map { "\(folder)/\(name).d/\($0)" }
      }
    }
    // A timer or a socket starts the service of its own name.
    for ending in [".timer", ".path", ".socket"] where unit.hasSuffix(ending) {
      waiting.append(unit.dropLast(ending.count) + ".service")
    }
    var commands: [String: [Command]] = [:]
    for path in paths {
      for line in KeyLine.all(joined(files.lines(path) ?? [])) {
        if starts.contains(line.key) { waiting += words(line.value) }
        guard line.section == "Service", keys.contains(line.key) else { continue }
        // An empty one takes back those before it.
        if line.value.isEmpty { commands[line.key] = [] }
        let plain = String(line.value.drop { "-@:+!|".contains($0) }).replacing("%i", with: instance).replacing(
          "%I", with: instance.replacing("-", with: "/")
        ).replacing("%%", with: "%")
        let source = SourceLine(path, line.line, text: "\(line.key)=\(line.value)")
        commands[line.key, default: []].append(Command(unit: unit, text: plain, source: source))
      }
    }
    return commands.values.flatMap { $0 }
  }

  /// A line that ends in `\\` goes on in the next one; what is left of that is blank, so that numbers count.
  private static func joined(_ lines: [String]) -> [String] {
    var found = lines
    for index in lines.indices.reversed() where found[index].hasSuffix("\\") && index + 1 < lines.count {
      found[index] = found[index].dropLast() + " " + found[index + 1]
      found[index + 1] = ""
    }
    return found
  }

  private static func isNothing(_ path: String, _ sysfs: any Sysfs) -> Bool { BootUnits.isNothing(path, sysfs) }
}
