/// `mdadm.conf(5)`.
enum MDArrays {
  /// `ARRAY /dev/md0 UUID=aaaaaaaa:bbbbbbbb:cccccccc:dddddddd`: its members have that UUID.
  static func read(_ files: inout SettingFiles) -> [StorageEntry] {
    ["/etc/mdadm/mdadm.conf", "/etc/mdadm.conf"].flatMap { path in
      StorageFields.lines(&files, path).flatMap { fields, source -> [StorageEntry] in
        guard fields[0].uppercased() == "ARRAY", let name = fields.dropFirst().first, !name.contains("<ignore>") else {
          return []
        }
        return fields.filter { $0.lowercased().hasPrefix("uuid=") }.compactMap { arrayTag($0.dropFirst(5)) }.map {
          StorageEntry(.array, $0, what: "array \(name)", source: source)
        }
      }
    }
  }
}
