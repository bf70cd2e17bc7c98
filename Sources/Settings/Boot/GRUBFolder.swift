import Host
import Sysfs

/// GRUB's own files: grub.cfg, its environment block, and what the menu takes in.
struct GRUBFolder {
  /// grub.cfg; nil if there is none.
  private(set) var path: String?
  /// The entries are the files in `loader/entries` (`blscfg`).
  private(set) var usesFiles = false
  /// What is there and could not be read.
  private(set) var trouble: String?
  private let menu: GRUBMenu
  private let environment: GRUBEnvironment

  /// A menu is there, be it readable or not.
  var isThere: Bool { usesFiles || trouble != nil || !menu.items.isEmpty }

  init(_ defaults: [(path: String, text: String)], _ files: inout SettingFiles) {
    var found: GRUBMenu.File?
    for path in Self.places(&files) {
      guard let lines = files.lines(path) else {
        if files.isUnread(path) { trouble = path }
        continue
      }
      // That of the EFI partition often only names another.
      if found == nil || !Self.isMenu(found?.lines ?? []) && Self.isMenu(lines) { found = (path, lines) }
    }
    // What that one names counts, be it that it is not to be seen: no menu is made in its place.
    if let stub = found, !Self.isMenu(stub.lines), let target = Self.target(stub.lines, &files), target != stub.path {
      (found, trouble) = (nil, target)
    }
    if found != nil { trouble = nil }
    path = found?.path ?? trouble
    let folder = path.map { $0.dropLast("/grub.cfg".count) } ?? ""
    environment = path == nil ? GRUBEnvironment() : GRUBEnvironment("\(folder)/grubenv", &files)
    let lines = found?.lines ?? []
    let custom = "\(folder)/custom.cfg"
    let more = lines.contains { $0.contains("custom.cfg") } ? files.lines(custom).map { [(custom, $0)] } ?? [] : []
    let menu = GRUBMenu((path ?? "", lines), more: more, with: environment)
    let isOn = ["true", "yes", "y", "1"].contains(GRUBDefaults.setting("GRUB_ENABLE_BLSCFG", defaults)?.text ?? "")
    usesFiles = lines.contains { words($0).first == "blscfg" } || isOn && menu.items.isEmpty
    self.menu = usesFiles && menu.items.isEmpty ? GRUBMenu((path ?? "", lines + ["blscfg"]), with: environment) : menu
  }

  private static func places(_ files: inout SettingFiles) -> [String] {
    let stubs = files.names("/boot/efi/EFI").map { "/boot/efi/EFI/\($0)/grub.cfg" }
    let targets = Set(
      stubs.compactMap { stub in files.lines(stub).flatMap { target($0, &files) } }.filter(files.sysfs.exists))
    // Several systems may have one there.
    let first = targets.count == 1 ? Array(targets) : []
    return first + ["/boot/grub2/grub.cfg", "/boot/grub/grub.cfg"].filter { !first.contains($0) } + stubs
  }

  /// The file that `configfile` of an EFI partition's grub.cfg goes on with, below whichever file system has it.
  private static func target(_ lines: [String], _ files: inout SettingFiles) -> String? {
    if isMenu(lines) { return nil }
    var values: [String: String] = [:]
    var target: String?
    for line in lines {
      let words = GRUBLine.words(line) { values[$0] ?? "" }
      guard words.count > 1 else { continue }
      let path = words[1].split(separator: ")", maxSplits: 1).last.map(String.init) ?? ""
      switch words[0] {
      case "configfile": target = path
      case "set":
        let parts = words[1].split(separator: "=", maxSplits: 1)
        if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
      default: break
      }
    }
    guard let target, target.hasSuffix("/grub.cfg") else { return nil }
    let whole = target.firstRange(of: "/boot/").map { String(target[$0.lowerBound...]) } ?? "/boot\(target)"
    return files.sysfs.exists(target) && !files.sysfs.exists(whole) ? target : whole
  }

  private static func isMenu(_ lines: [String]) -> Bool {
    lines.contains { line in words(line).first.map { ["menuentry", "linux", "blscfg"].contains($0) } ?? false }
  }

  /// Of a variable of GRUB's.
  func value(_ name: String) -> BootValue {
    BootValue(text: menu.value(name), source: environment[name] == nil ? nil : environment.source(name))
  }

  /// `files`: those in `loader/entries`, which GRUB sorts by their names alone.
  func choice(_ configured: SourceLine?, _ files: [BootEntry]) -> GRUBChoice {
    let sorted = files.filter { usesFiles && $0.place.file.hasSuffix(".conf") }.sorted {
      VersionOrder.compare($0.id, $1.id) > 0
    }
    return GRUBChoice(menu: menu, environment: environment, configured: configured, files: sorted)
  }
}
