import Host
import Sysfs

/// What tables of devices have in common: lines of fields, and how they name a device.
enum StorageFields {
  /// The words of each line that says something, and its place.
  static func lines(_ files: inout SettingFiles, _ path: String) -> [(fields: [String], source: SourceLine)] {
    (files.lines(path) ?? []).enumerated().compactMap { index, line in
      let fields = words(line)
      return fields.first.map { $0.hasPrefix("#") } == false ? (fields, SourceLine(path, index + 1, text: line)) : nil
    }
  }

  /// `UUID="…"` is allowed too; the tag's name is not case sensitive.
  static func device(_ field: String) -> String {
    let tag = deviceTag(unescaped(field).replacing("\"", with: ""))
    return tag.hasPrefix("ID=") ? "/dev/disk/by-id/" + tag.dropFirst(3) : tag
  }

  /// Devices that options name besides: members of a btrfs, journals of XFS and ext4, a detached LUKS header.
  static func further(_ options: String) -> [String] {
    options.split(separator: ",").compactMap { option in
      ["device=", "logdev=", "rtdev=", "journal_path=", "header="].first { option.hasPrefix($0) }.map {
        device(String(option.dropFirst($0.utf8.count)))
      }
    }
  }
}
