import Host

/// The menu that grub.cfg makes: entries, submenus, and which of them is set to boot.
struct GRUBMenu {
  indirect enum Item {
    case entry(BootEntry)
    case submenu(title: String, id: String, items: [Item])
    /// `blscfg`: here the files in `loader/entries` are put in.
    case files
  }

  let path: String
  private(set) var items: [Item] = []
  /// What `set default=` says, but for `${next_entry}`; variables as they are written.
  private(set) var defaults: [SourceLine] = []
  /// It boots `next_entry` of the environment block once.
  private(set) var takesNextEntry = false
  private var settings: [String: String] = [:]
  private let environment: GRUBEnvironment

  /// `more`: what the file takes in at its end, such as `custom.cfg`.
  init(_ file: File, more: [File] = [], with environment: GRUBEnvironment) {
    path = file.path
    self.environment = environment
    for file in [file] + more { read(file) }
  }

  typealias File = (path: String, lines: [String])

  private mutating func read(_ file: File) {
    let (path, lines) = file
    var open: [Open] = []
    var loose = BootEntry("", at: SourceLine(path, nil, text: path))
    var maker = path == self.path ? "" : path
    var hasDefault = false
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("### BEGIN ") { maker = String(line.dropFirst("### BEGIN ".count).prefix { $0 != " " }) }
      let words = GRUBLine.words(line, variable: value)
      let place = SourceLine(path, index + 1, text: trimmed(line))
      switch words.first {
      case "menuentry": open.append(.entry(BootEntry(menu: words, at: place, maker: maker)))
      // No person nests them this deep.
      case "submenu" where open.count > 16: open.append(.other)
      case "submenu":
        open.append(.submenu(title: words.dropFirst().first ?? "", id: BootEntry.id(words), items: []))
      case "set":
        // What another file sets at the end counts alone.
        if path != self.path, !hasDefault, words.dropFirst().first?.hasPrefix("default=") == true {
          defaults = []
          hasDefault = true
        }
        set(line, place)
      case "blscfg": add(.files, to: &open)
      case "}":
        guard let last = open.popLast() else { continue }
        switch last {
        case .entry(let entry): add(.entry(entry), to: &open)
        case .submenu(let title, let id, let items): add(.submenu(title: title, id: id, items: items), to: &open)
        case .other: break
        }
      default:
        if words.first != nil, words.last == "{" { open.append(.other) }
        if case .entry(var entry)? = open.last {
          entry.read(words, at: place)
          open[open.count - 1] = .entry(entry)
        } else {
          loose.read(words, at: place)
        }
      }
    }
    // A file of commands alone boots by them.
    if items.isEmpty, loose.isLinux { items = [.entry(loose)] }
  }

  private enum Open {
    case entry(BootEntry)
    case submenu(title: String, id: String, items: [Item])
    case other
  }

  private mutating func add(_ item: Item, to open: inout [Open]) {
    if case .submenu(let title, let id, let items)? = open.last {
      open[open.count - 1] = .submenu(title: title, id: id, items: items + [item])
    } else {
      items.append(item)
    }
  }

  private mutating func set(_ line: String, _ place: SourceLine) {
    let written = GRUBLine.words(line) { "${\($0)}" }
    guard written.count > 1, let equals = written[1].firstIndex(of: "=") else { return }
    let name = String(written[1][..<equals])
    let value = String(written[1][written[1].index(after: equals)...])
    if name != "default" {
      // Only those with a value of their own: what is set anew from another is not followed.
      if !value.contains("$") { settings[name] = value }
    } else if value == "${next_entry}" {
      takesNextEntry = true
    } else if !defaults.contains(where: { $0.text == value }) {
      defaults.append(SourceLine(place.file, place.line, text: value))
    }
  }

  /// Of a variable; what is not set is empty, as GRUB has it.
  func value(_ name: String) -> String {
    name == "menuentry_id_option" ? "--id" : environment[name] ?? settings[name] ?? ""
  }
}
