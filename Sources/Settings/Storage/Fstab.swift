import Sysfs

/// `fstab(5)`.
enum Fstab {
  static func read(_ files: inout SettingFiles) -> [StorageEntry] {
    StorageFields.lines(&files, "/etc/fstab").flatMap { fields, source -> [StorageEntry] in
      guard fields.count >= 3 else { return [] }
      let point = fields[2] == "swap" ? "swap" : unescaped(fields[1])
      let options = fields.count > 3 ? fields[3] : ""
      let words = options.split(separator: ",")
      let isOnDemand = words.contains("noauto") && !words.contains("x-systemd.automount")
      return ([StorageFields.device(fields[0])] + StorageFields.further(options)).map { device in
        StorageEntry(.fstab, device, point: point, what: point, source: source, isOnDemand: isOnDemand)
      }
    }
  }
}
