/// `crypttab(5)`.
enum Crypttab {
  static func read(_ files: inout SettingFiles) -> [StorageEntry] {
    StorageFields.lines(&files, "/etc/crypttab").flatMap { fields, source -> [StorageEntry] in
      guard fields.count >= 2 else { return [] }
      let what = "\(fields[0]) in crypttab"
      let options = fields.count > 3 ? fields[3] : ""
      let isOnDemand = options.split(separator: ",").contains("noauto")
      func entry(_ device: String, _ what: String) -> StorageEntry {
        StorageEntry(.crypttab, device, what: what, source: source, isOnDemand: isOnDemand)
      }
      var found = ([StorageFields.device(fields[1])] + StorageFields.further(options)).map { entry($0, what) }
      // A key may lie on a device of its own: `/key:LABEL=stick`.
      if let key = fields.dropFirst(2).first, let colon = key.lastIndex(of: ":") {
        found.append(entry(StorageFields.device(String(key[key.index(after: colon)...])), "key of \(what)"))
      }
      return found
    }
  }
}
