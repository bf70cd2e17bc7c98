import Host
import Sysfs

/// GRUB's: `/etc/default/grub` and what `grub-mkconfig` makes of it.
enum GRUBFiles {
  /// As `grub-mkconfig` does: the defaults, then what the distribution's packages put into the folder, in their order.
  static func read(_ files: inout SettingFiles, into boot: inout BootConfiguration) {
    var sources = ["/etc/default/grub"]
    sources += files.names("/etc/default/grub.d").filter { $0.hasSuffix(".cfg") }.map { "/etc/default/grub.d/\($0)" }
    var assignments: [ShellAssignment] = []
    for file in sources {
      guard let text = files.text(file) else { continue }
      boot.files.append(file)
      assignments += ShellAssignment.read(text, file: file)
    }
    boot.arguments += effective(assignments).map { BootArgument($0.text, source: $0.source, loader: .grub) }
    for folder in ["/boot/grub2", "/boot/grub"] {
      let path = "\(folder)/grub.cfg"
      guard let lines = files.lines(path) else { continue }
      if folder == "/boot/grub2" { boot.grubUpdate = "grub2-mkconfig -o \(path)" }
      readMade(lines, path, into: &boot)
      break
    }
  }

  private static let variables: Set = ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"]

  /// The words that count after the last assignment: one that does not name its own variable replaces those before it.
  private static func effective(_ assignments: [ShellAssignment]) -> [ShellAssignment.Word] {
    var words: [String: [ShellAssignment.Word]] = [:]
    for assignment in assignments where variables.contains(assignment.name) {
      let keeps = assignment.isAppending || assignment.refers(to: assignment.name)
      let before = keeps ? words[assignment.name, default: []] : []
      words[assignment.name] = before + assignment.words.filter { !$0.text.contains("$") }
    }
    return words.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// The `linux` lines that GRUB itself reads. With the blscfg module there are none: the entries have them.
  private static func readMade(_ lines: [String], _ path: String, into boot: inout BootConfiguration) {
    for (number, line) in lines.enumerated() {
      let fields = words(line)
      guard fields.count > 1, ["linux", "linuxefi", "linux16"].contains(fields[0]) else { continue }
      boot.grubMadeFile = path
      boot.arguments += fields.dropFirst(2).map { word in
        BootArgument(word, source: SourceLine(path, number + 1, text: word), loader: .grubMade)
      }
    }
  }
}
