import Host
import Sysfs
import System

/// Which entry systemd-boot boots if no key is pressed.
struct LoaderChoice {
  let entries: LoaderEntries
  let variables: LoaderVariables
  /// `default` of loader.conf.
  private let configured: SourceLine?

  private static let paths = LoaderEntries.partitions.map { "\($0)/loader/loader.conf" }

  static func isThere(_ sysfs: any Sysfs) -> Bool {
    paths.contains(where: sysfs.exists)
      || LoaderEntries.partitions.contains { sysfs.exists("\($0)/EFI/systemd") }
  }

  init(_ entries: LoaderEntries, _ variables: LoaderVariables, reading files: inout SettingFiles) {
    self.entries = entries
    self.variables = variables
    var configured: SourceLine?
    for path in Self.paths where configured == nil {
      for (index, line) in (files.lines(path) ?? []).enumerated() {
        let fields = words(line)
        if fields.count > 1, fields[0] == "default" { configured = SourceLine(path, index + 1, text: fields[1]) }
      }
    }
    self.configured = configured
    isUnread = entries.isUnread || Self.paths.contains { path in files.isUnread(path) }
  }

  private let isUnread: Bool

  /// As the loader shows them: bad ones last, then by key, machine and version, the newest first.
  var sorted: [BootEntry] { entries.all.sorted { Self.order($0, $1) < 0 } }

  static func order(_ one: BootEntry, _ two: BootEntry) -> Int {
    let bad = (one.triesLeft == 0 ? 1 : 0, two.triesLeft == 0 ? 1 : 0)
    if bad.0 != bad.1 { return bad.0 - bad.1 }
    switch (one.sortKey, two.sortKey) {
    case (_?, nil): return -1
    case (nil, _?): return 1
    case (nil, nil): break
    case (let first?, let second?):
      if first != second { return first < second ? -1 : 1 }
      if one.machine != two.machine { return one.machine < two.machine ? -1 : 1 }
      let order = -VersionOrder.compare(one.version, two.version)
      if order != 0 { return order }
    }
    return -VersionOrder.compare(one.id, two.id)
  }

  func choose() -> NextBoot.Choice {
    if isUnread { return .unknown(reason: "a file of the boot loader could not be read") }
    let sorted = sorted
    guard let first = sorted.first else { return .unseen }
    for setting in [variables.oneShot, variables.byDefault] {
      if let choice = choice(setting, sorted) { return choice }
    }
    if let configured, configured.text == "@saved" {
      if let choice = choice(variables.lastBooted, sorted) { return choice }
      if sorted.count > 1 {
        return .unknown(reason: "\(configured.place): default @saved, and which entry was saved could not be read")
      }
    } else if let configured, let entry = match(configured.text, sorted) {
      return chosen(entry, "\(configured.place): default \(configured.text)")
    }
    return chosen(first, sorted.count == 1 ? "the only entry" : "the first of the menu, which is the newest")
  }

  /// Nil if the setting is not there, or names nothing that is.
  private func choice(_ setting: LoaderVariables.Setting, _ sorted: [BootEntry]) -> NextBoot.Choice? {
    switch setting {
    case .absent: return nil
    case .unread(let path): return .unknown(reason: "\(path) could not be read")
    case .value(let text, let path):
      // The loader's own entries, such as another system or the firmware's setup, have no file.
      if text.hasPrefix("auto-") { return .unknown(reason: "\(path): \(text) starts no Linux kernel") }
      return match(text, sorted).map { chosen($0, "\(path): \(text)") }
    }
  }

  /// A pattern, in any case of its letters. Some write it without the ending.
  private func match(_ text: String, _ sorted: [BootEntry]) -> BootEntry? {
    let pattern = WildcardPattern(text.lowercased())
    return sorted.first { pattern.matches($0.id.lowercased()) }
      ?? sorted.first { pattern.matches(String($0.id.lowercased().dropLast($0.id.hasSuffix(".conf") ? 5 : 0))) }
  }

  private func chosen(_ entry: BootEntry, _ reason: String) -> NextBoot.Choice {
    entry.isLinux
      ? .entry(entry, reason: reason) : .unknown(reason: "\(reason): \(entry.place.file) starts no Linux kernel")
  }
}
