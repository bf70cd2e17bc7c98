import Sysfs

/// Units of hostdev's that a unit of the administrator's starts: `Requires=hostdev@NAME.service`, as hostdev(8) advises for
/// a guest.
extension BootUnits {
  private static let keys: Set = ["Requires", "Wants", "BindsTo", "Upholds"]

  /// The lines of a unit's file, or of a drop-in, that start one of hostdev's units: systemd.unit(5). With the units.
  static func dependencies(_ lines: [String]) -> [(units: [String], line: KeyLine)] {
    KeyLine.all(lines).filter { $0.section == "Unit" && keys.contains($0.key) }.compactMap { line in
      let units = line.value.split(whereSeparator: \.isWhitespace).map(String.init).filter(isOurs)
      return units.isEmpty ? nil : (units, line)
    }
  }

  /// Only those lines of a file, as a file of the same meaning; nil if there are none.
  public static func dependencies(ofFile text: String) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let found = dependencies(lines).map { "\($0.line.key)=\($0.units.joined(separator: " "))\n" }
    return found.isEmpty ? nil : "[Unit]\n" + found.joined()
  }

  /// Files of units and of drop-ins in a folder of units; links to other units not.
  public static func files(among names: [String], names entries: (_ folder: String) -> [String]) -> [String] {
    names.flatMap { name -> [String] in
      if name.hasSuffix(".d") { return entries(name).filter { $0.hasSuffix(".conf") }.map { "\(name)/\($0)" } }
      return [".service", ".target", ".socket", ".mount", ".timer", ".path"].contains { name.hasSuffix($0) }
        ? [name] : []
    }
  }

  mutating func readDependencies(_ folder: String, _ files: inout SettingFiles) {
    let names = files.names(folder)
    var reader = files
    for name in Self.files(among: names, names: { reader.names("\(folder)/\($0)") }) {
      let path = "\(folder)/\(name)"
      guard (try? files.sysfs.linkTarget(path)) == nil, !Self.isOurs(name), let lines = files.lines(path) else {
        continue
      }
      for (units, line) in Self.dependencies(lines) {
        for unit in units where links[unit] == nil { links[unit] = "\(path):\(line.line)" }
      }
    }
  }
}
