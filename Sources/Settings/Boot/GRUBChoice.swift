import Host

/// Which entry of a menu GRUB boots if no key is pressed.
struct GRUBChoice {
  let menu: GRUBMenu
  let environment: GRUBEnvironment
  /// `GRUB_DEFAULT` of the defaults, for a grub.cfg that sets none.
  let configured: SourceLine?
  /// What `blscfg` puts in, the newest first.
  let files: [BootEntry]

  var entries: [BootEntry] { Self.flat(items) }

  private var items: [GRUBMenu.Item] {
    menu.items.flatMap { item -> [GRUBMenu.Item] in
      if case .files = item { files.map { .entry($0) } } else { [item] }
    }
  }

  func choose() -> NextBoot.Choice {
    if entries.isEmpty { return .unseen }
    if environment.isUnread, entries.count > 1 {
      return .unknown(reason: "\(environment.path) could not be read")
    }
    if menu.takesNextEntry || menu.defaults.isEmpty, let once = environment["next_entry"] {
      return found(once, because: environment.source("next_entry").description)
    }
    if menu.defaults.count > 1 {
      return .unknown(reason: "\(menu.path) sets the default in \(menu.defaults.count) places")
    }
    guard let set = menu.defaults.first ?? configured else { return found("0", because: "the first of the menu") }
    if set.text == "saved" || set.text.contains("saved_entry") {
      // On btrfs the entry is kept in blocks that belong to no file.
      if environment["env_block"] != nil, environment["saved_entry"] == nil, entries.count > 1 {
        return .unknown(reason: "\(environment.path) keeps the saved entry outside of the file")
      }
      return environment["saved_entry"].map { found($0, because: environment.source("saved_entry").description) }
        ?? found("0", because: "\(environment.path): no saved_entry, so the first of the menu")
    }
    let text = GRUBLine.words(set.text, variable: menu.value).joined(separator: " ")
    return found(text, because: "\(set.place): default \(text)")
  }

  /// `2`, `1>0`, a title, or an id; of a name that no entry has GRUB boots the first.
  private func found(_ name: String, because reason: String) -> NextBoot.Choice {
    let there = resolve(
      name.split(separator: ">", omittingEmptySubsequences: false).map { trimmed($0) }[...], in: items)
    guard let entry = there ?? first(items) else { return .unseen }
    if !entry.isLinux { return .unknown(reason: "\(reason): \(entry.place.place) starts no Linux kernel") }
    if entry.maker.hasSuffix("os-prober") {
      return .unknown(reason: "\(reason): \(entry.place.place) starts another system")
    }
    return .entry(entry, reason: there == nil ? "\(reason): no such entry, so the first of the menu" : reason)
  }

  private func resolve(_ names: ArraySlice<String>, in items: [GRUBMenu.Item]) -> BootEntry? {
    guard let name = names.first else { return first(items) }
    let place = Int(name) ?? items.firstIndex { $0.isCalled(name) }
    guard let place, items.indices.contains(place) else { return nil }
    switch items[place] {
    case .entry(let entry): return entry
    case .submenu(_, _, let inner): return resolve(names.dropFirst(), in: inner)
    case .files: return nil
    }
  }

  private func first(_ items: [GRUBMenu.Item]) -> BootEntry? { Self.flat(items).first }

  private static func flat(_ items: [GRUBMenu.Item]) -> [BootEntry] {
    items.flatMap { item -> [BootEntry] in
      switch item {
      case .entry(let entry): [entry]
      case .submenu(_, _, let inner): flat(inner)
      case .files: []
      }
    }
  }
}

extension GRUBMenu.Item {
  func isCalled(_ name: String) -> Bool {
    switch self {
    // Of a file in `loader/entries` the name without its ending is the id.
    case .entry(let entry): entry.id == name || entry.title == name || entry.id == "\(name).conf"
    case .submenu(let title, let id, _): title == name || id == name
    case .files: false
    }
  }
}
