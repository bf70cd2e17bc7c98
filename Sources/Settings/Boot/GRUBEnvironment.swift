import Host

/// `grubenv`, GRUB's environment block: what `grub-set-default`, `grub-reboot` and `grubby` keep.
struct GRUBEnvironment {
  let path: String
  /// The file is there and could not be read.
  private(set) var isUnread = false
  private var lines: [String: (number: Int, value: String)] = [:]

  /// Of a host without GRUB.
  init() { path = "grubenv" }

  /// Beside grub.cfg.
  init(_ path: String, _ files: inout SettingFiles) {
    self.path = path
    guard let lines = files.lines(path) else {
      isUnread = files.isUnread(path)
      return
    }
    for (index, line) in lines.enumerated() where !line.hasPrefix("#") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      // The program escapes a backslash and the end of a line.
      let value = line[line.index(after: equals)...].replacing("\\\\", with: "\\")
      self.lines[String(line[..<equals])] = (index + 1, String(value))
    }
  }

  /// Nil if it is empty, too: GRUB makes no difference.
  subscript(name: String) -> String? { lines[name].flatMap { $0.value.isEmpty ? nil : $0.value } }

  func source(_ name: String) -> SourceLine {
    SourceLine(path, lines[name]?.number, text: "\(name)=\(lines[name]?.value ?? "")")
  }
}
