import Sysfs

/// Reads where kernel arguments are configured: GRUB's defaults, `/etc/kernel/cmdline`, boot loader entries.
struct BootConfigurationReader {
  private var files: SettingFiles
  private var found = BootConfiguration()

  static func read(_ files: inout SettingFiles) -> BootConfiguration {
    var reader = Self(files: files)
    reader.grub()
    reader.kernelInstall()
    reader.entries()
    reader.images()
    files = reader.files
    return reader.found
  }

  private init(files: SettingFiles) { self.files = files }

  /// As `grub-mkconfig` does: the defaults, then what the distribution's packages put into the folder, in their order.
  private mutating func grub() {
    var sources = ["/etc/default/grub"]
    sources += files.names("/etc/default/grub.d").filter { $0.hasSuffix(".cfg") }.map { "/etc/default/grub.d/\($0)" }
    var assignments: [ShellAssignment] = []
    for file in sources {
      guard let text = files.text(file) else { continue }
      found.files.append(file)
      assignments += ShellAssignment.read(text, file: file)
    }
    found.arguments += Self.effective(assignments).map { BootArgument($0.text, $0.source, .grub) }
    for folder in ["/boot/grub2", "/boot/grub"] {
      let path = "\(folder)/grub.cfg"
      guard let lines = files.lines(path) else { continue }
      if folder == "/boot/grub2" { found.grubUpdate = "grub2-mkconfig -o \(path)" }
      grubMade(lines, path)
      break
    }
  }

  private static let variables: Set = ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"]

  /// The words that count after the last assignment: one that does not name its own variable replaces those before it.
  static func effective(_ assignments: [ShellAssignment]) -> [ShellAssignment.Word] {
    var words: [String: [ShellAssignment.Word]] = [:]
    for assignment in assignments where variables.contains(assignment.name) {
      let keeps = assignment.isAppending || assignment.refers(to: assignment.name)
      let before = keeps ? words[assignment.name, default: []] : []
      words[assignment.name] = before + assignment.words.filter { !$0.text.contains("$") }
    }
    return words.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// The `linux` lines that GRUB itself reads. With the blscfg module there are none: the entries have them.
  private mutating func grubMade(_ lines: [String], _ path: String) {
    for (number, line) in lines.enumerated() {
      let fields = words(line)
      guard fields.count > 1, ["linux", "linuxefi", "linux16"].contains(fields[0]) else { continue }
      found.grubMadeFile = path
      found.arguments += fields.dropFirst(2).map { word in
        BootArgument(word, SourceLine(path, number + 1, word), .grubMade)
      }
    }
  }

  private mutating func kernelInstall() {
    let path = "/etc/kernel/cmdline"
    guard let lines = files.lines(path) else { return }
    found.files.append(path)
    // Proxmox keeps the partitions that its own tool writes entries to in this list.
    if files.sysfs.exists("/etc/kernel/proxmox-boot-uuids") {
      found.kernelInstallUpdate = "proxmox-boot-tool refresh"
    }
    for (number, line) in lines.enumerated() where !line.hasPrefix("#") {
      found.arguments += words(line).map { BootArgument($0, SourceLine(path, number + 1, line), .kernelInstall) }
    }
  }

  private mutating func entries() {
    for folder in ["/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries"] {
      for name in files.names(folder) where name.hasSuffix(".conf") {
        let path = "\(folder)/\(name)"
        guard let lines = files.lines(path) else { continue }
        found.files.append(path)
        var (version, initrd) = ("", "")
        for (number, line) in lines.enumerated() {
          let fields = words(line)
          switch fields.first {
          case "options":
            found.arguments += fields.dropFirst().map { BootArgument($0, SourceLine(path, number + 1, line), .entry) }
          case "version": version = fields.dropFirst().first ?? ""
          // The last one: microcode comes before.
          case "initrd": initrd = fields.dropFirst().first ?? ""
          default: break
          }
        }
        // Relative to the partition that has the entries.
        let partition = folder.dropLast("/loader/entries".count)
        if !version.isEmpty, initrd.hasPrefix("/") {
          add(InitramfsPlace(kernel: version, path: "\(partition)\(initrd)"))
        }
      }
    }
  }

  private mutating func images() {
    for place in files.names("/boot").compactMap({ InitramfsPlace(boot: $0) }) { add(place) }
  }

  private mutating func add(_ place: InitramfsPlace) {
    if !found.images.contains(place) { found.images.append(place) }
  }
}
