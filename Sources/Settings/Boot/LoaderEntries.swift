import Host
import Sysfs

/// Entries of the Boot Loader Specification, each with its arguments and its initramfs.
enum LoaderEntries {
  private static let folders = ["/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries"]

  static func read(_ files: inout SettingFiles, into boot: inout BootConfiguration) {
    for folder in folders {
      for name in files.names(folder) where name.hasSuffix(".conf") {
        let path = "\(folder)/\(name)"
        guard let lines = files.lines(path) else { continue }
        boot.files.append(path)
        // Relative to the partition that has the entries.
        read(lines, path, partition: folder.dropLast("/loader/entries".count), into: &boot)
      }
    }
  }

  private static func read(
    _ lines: [String], _ path: String, partition: Substring, into boot: inout BootConfiguration
  ) {
    var (version, initrd) = ("", "")
    for (number, line) in lines.enumerated() {
      let fields = words(line)
      switch fields.first {
      case "options":
        boot.arguments += fields.dropFirst().map {
          BootArgument($0, source: SourceLine(path, number + 1, text: line), loader: .entry)
        }
      case "version": version = fields.dropFirst().first ?? ""
      // The last one: microcode comes before.
      case "initrd": initrd = fields.dropFirst().first ?? ""
      default: break
      }
    }
    if !version.isEmpty, initrd.hasPrefix("/") {
      boot.add(InitramfsPlace(kernel: version, path: "\(partition)\(initrd)"))
    }
  }
}
