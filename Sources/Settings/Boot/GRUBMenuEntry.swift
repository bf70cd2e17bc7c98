import Host

/// What the lines of a menu entry of GRUB's say.
extension BootEntry {
  /// `menuentry TITLE … {`, split into words.
  init(menu words: [String], at place: SourceLine, maker: String) {
    let title = words.dropFirst().first ?? ""
    let id = Self.id(words)
    self.init(id.isEmpty ? title : id, at: place)
    self.title = title
    self.maker = maker
  }

  /// `--id ID`, or `$menuentry_id_option ID` as grub-mkconfig writes it.
  static func id(_ words: [String]) -> String {
    words.firstIndex(of: "--id").flatMap { words.dropFirst($0 + 1).first }
      ?? words.lazy.compactMap { $0.hasPrefix("--id=") ? String($0.dropFirst(5)) : nil }.first ?? ""
  }

  /// A line within the entry.
  mutating func read(_ words: [String], at place: SourceLine) {
    guard let command = words.first else { return }
    // Xen: the kernel of the host is the first module, and what follows is the initramfs.
    let isModule = command == "module" || command == "module2"
    if isModule ? isLinux : !["linux", "linuxefi", "linux16"].contains(command) {
      if command.hasPrefix("initrd") || isModule { initrd = words.last ?? "" }
      return
    }
    guard words.count > 1 else { return }
    isLinux = true
    let name = words[1].split(separator: "/").last ?? ""
    // `6.1.0-1-amd64` of `/boot/vmlinuz-6.1.0-1-amd64`.
    version = name.firstIndex(of: "-").map { String(name[name.index(after: $0)...]) } ?? ""
    arguments = words.dropFirst(2).filter { $0 != "placeholder" && !$0.isEmpty }.map { word in
      BootArgument(GRUBLine.handedOn(word), source: SourceLine(place.file, place.line, text: word), loader: .grubMade)
    }
  }
}
