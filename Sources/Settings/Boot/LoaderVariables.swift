import Sysfs

/// What boot loaders leave in the firmware's variables: "The Boot Loader Interface" of systemd.
struct LoaderVariables {
  private static let folder = "/sys/firmware/efi/efivars"
  private static let vendor = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

  /// Which loader started this boot: `systemd-boot 257`, `GRUB 2.12`.
  let info: String?
  let oneShot: Setting
  let byDefault: Setting
  /// For `default @saved`.
  let lastBooted: Setting

  enum Setting: Equatable {
    case value(String, path: String)
    case absent
    /// It is there and cannot be read.
    case unread(String)
  }

  init(_ files: inout SettingFiles) {
    if case .value(let text, _) = Self.read("LoaderInfo", &files) { info = text } else { info = nil }
    oneShot = Self.read("LoaderEntryOneShot", &files)
    byDefault = Self.read("LoaderEntryDefault", &files)
    let last = Self.read("LoaderEntryLastBooted", &files)
    lastBooted = last == .absent ? Self.read("LoaderEntrySelected", &files) : last
  }

  /// Four bytes of attributes, then UTF-16 with a zero at its end.
  private static func read(_ name: String, _ files: inout SettingFiles) -> Setting {
    let path = "\(folder)/\(name)-\(vendor)"
    guard let bytes = files.bytes(path) else { return files.sysfs.exists(path) ? .unread(path) : .absent }
    let units = stride(from: 4, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    let text = String(decoding: units.prefix { $0 != 0 }, as: UTF16.self)
    return text.isEmpty ? .absent : .value(text, path: path)
  }
}
