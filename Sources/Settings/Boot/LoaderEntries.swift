import Host
import Sysfs
import System

/// Entries of the Boot Loader Specification: text files, and unified kernel images.
struct LoaderEntries {
  /// The file systems that have them: the EFI system partition, and an extended boot partition beside it.
  static let partitions = ["/efi", "/boot/efi", "/boot"]

  private(set) var all: [BootEntry] = []
  /// A folder or file of theirs could not be read.
  private(set) var isUnread = false
  /// The texts of those that can be edited.
  private(set) var texts: [String: String] = [:]

  /// `variable`: of GRUB, which takes them up in a line of options.
  init(_ files: inout SettingFiles, variable: (String) -> BootValue = { _ in BootValue() }) {
    for partition in Self.partitions {
      let folder = "\(partition)/loader/entries"
      for name in files.names(folder) where name.hasSuffix(".conf") {
        let path = "\(folder)/\(name)"
        guard let text = files.text(path) else { continue }
        texts[path] = text
        var entry = Self.entry(text, path, partition: partition, variable: variable)
        if !entry.image.isEmpty {
          Self.take(UnifiedImage.entry(entry.image, in: partition, reading: &files), into: &entry)
        }
        add(entry)
      }
      let images = "\(partition)/EFI/Linux"
      for name in files.names(images) where name.lowercased().hasSuffix(".efi") {
        if let entry = UnifiedImage.entry("\(images)/\(name)", in: partition, reading: &files) { add(entry) }
      }
      isUnread = isUnread || files.isUnread(folder) || files.isUnread(images)
    }
    isUnread = isUnread || files.unread.contains { $0.path.contains("/loader/entries/") || $0.path.hasSuffix(".efi") }
  }

  /// `/efi` and `/boot` may be the same partition.
  private mutating func add(_ entry: BootEntry) {
    if !all.contains(where: { $0.id == entry.id }) { all.append(entry) }
  }

  static func entry(
    _ text: String, _ path: String, partition: String, variable: (String) -> BootValue = { _ in BootValue() }
  ) -> BootEntry {
    var entry = BootEntry(file: path)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let fields = words(trimmed(line))
      let value = fields.dropFirst().joined(separator: " ")
      switch fields.first {
      case "title": entry.title = value
      case "version": entry.version = value
      case "sort-key": entry.sortKey = value
      case "machine-id": entry.machine = value
      case "linux": entry.isLinux = true
      // Any program of the firmware's; those in this folder are unified images.
      case "efi" where value.contains("/EFI/Linux/"), "uki": entry.image = "\(partition)\(value)"
      case "options":
        let source = SourceLine(path, index + 1, text: String(line))
        entry.arguments += fields.dropFirst().flatMap { arguments($0, source, variable: variable) }
      // The last one: microcode comes before.
      case "initrd":
        entry.initrd = (fields.dropFirst().last ?? "").hasPrefix("/") ? partition + (fields.last ?? "") : ""
      default: break
      }
    }
    // A file that has options and does not say what of is Linux's, too.
    if !entry.arguments.isEmpty { entry.isLinux = true }
    return entry
  }

  /// A word, or those of the variable that it names.
  private static func arguments(
    _ word: String, _ source: SourceLine, variable: (String) -> BootValue
  ) -> [BootArgument] {
    guard word.hasPrefix("$") else { return [BootArgument(word, source: source, loader: .entry)] }
    let value = variable(word.filter { !"${}".contains($0) })
    return words(value.text).map {
      BootArgument($0, spelling: word, source: value.source ?? source, loader: .environment)
    }
  }

  /// The image's own command line counts if the entry gives none.
  private static func take(_ image: BootEntry?, into entry: inout BootEntry) {
    guard let image else { return }
    entry.isLinux = image.isLinux
    if entry.arguments.isEmpty { entry.arguments = image.arguments }
  }
}

/// The value of a variable of GRUB's, and the line that it comes from.
struct BootValue {
  var text = ""
  var source: SourceLine?
}
