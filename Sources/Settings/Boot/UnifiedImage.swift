import Host
import Sysfs

/// A unified kernel image: a PE file whose section `.cmdline` is the kernel's command line.
enum UnifiedImage {
  /// Nil if the file could not be read, or is not a PE file.
  static func entry(_ path: String, in partition: String, reading files: inout SettingFiles) -> BootEntry? {
    guard let image = read(path, &files) else { return nil }
    var entry = BootEntry(file: path)
    entry.isLinux = image[".linux"] != nil || image[".cmdline"] != nil
    // The loader sorts by the system's name and version, which are in its os-release.
    let release = Distribution.fields(image[".osrel"] ?? "")
    entry.sortKey = release["IMAGE_ID"] ?? release["ID"]
    entry.version =
      ["IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID"].lazy.compactMap { release[$0] }.first ?? ""
    entry.arguments = arguments(image, path)
    // Addons beside it, and those for all images, add to the line.
    for folder in ["\(path).extra.d", "\(partition)/loader/addons"] {
      for name in files.names(folder) where name.hasSuffix(".addon.efi") {
        guard let addon = read("\(folder)/\(name)", &files) else { continue }
        entry.arguments += arguments(addon, "\(folder)/\(name)")
      }
    }
    return entry
  }

  private static func arguments(_ image: [String: String], _ path: String) -> [BootArgument] {
    words((image[".cmdline"] ?? "").replacing("\n", with: " ")).map { word in
      BootArgument(word, source: SourceLine(path, nil, text: word), loader: .unified)
    }
  }

  /// The texts of its sections, empty of those that are none or are too far in the file. Nil if it is no PE file, or
  /// its command line is not to be had.
  private static func read(_ path: String, _ files: inout SettingFiles) -> [String: String]? {
    guard let bytes = files.beginning(path, count: 1 << 22) else { return nil }
    var texts: [String: String] = [:]
    guard let sections = sections(bytes) else {
      files.isUnclear(path)
      return nil
    }
    for section in sections where texts[section.name] == nil {
      let isThere = section.place <= bytes.count && section.size <= bytes.count - section.place
      if section.name == ".cmdline", !isThere {
        files.isUnclear(path)
        return nil
      }
      let isText = [".cmdline", ".osrel"].contains(section.name)
      let content = isThere && isText ? bytes[section.place..<section.place + section.size].prefix { $0 != 0 } : []
      texts[section.name] = String(decoding: content, as: UTF8.self)
    }
    return texts
  }

  private struct Section {
    let name: String
    let place: Int
    let size: Int
  }

  /// The table of sections behind the file's and the optional header: "PE Format" of Microsoft. Nil if there is none.
  private static func sections(_ bytes: [UInt8]) -> [Section]? {
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place + size <= bytes.count else { return nil }
      return bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.starts(with: "MZ".utf8), let header = number(0x3c, 4), header + 4 <= bytes.count,
      bytes[header..<header + 4].elementsEqual([0x50, 0x45, 0, 0]), let count = number(header + 6, 2),
      let optional = number(header + 20, 2)
    else { return nil }
    var found: [Section] = []
    for index in 0..<count {
      let entry = header + 24 + optional + 40 * index
      guard let virtual = number(entry + 8, 4), let raw = number(entry + 16, 4), let place = number(entry + 20, 4)
      else { return nil }
      let name = String(decoding: bytes[entry..<entry + 8].prefix { $0 != 0 }, as: UTF8.self)
      // What is beyond the section's own size fills up the file.
      found.append(Section(name: name, place: place, size: virtual == 0 ? raw : min(virtual, raw)))
    }
    return found
  }
}
