import Host
import Sysfs

/// A device that the host is told to use: by a line of `fstab(5)`, `crypttab(5)`, `mdadm.conf(5)`, or an argument of
/// the kernel's.
struct StorageEntry: Sendable {
  let kind: Use.Kind
  /// A path, or a tag such as `UUID=…`, without quotes.
  let device: String
  /// Mount point; `swap`; empty for what is neither.
  let point: String
  /// `/srv`, `home in crypttab`, `root=UUID=…`.
  let what: String
  /// `/etc/fstab:5`.
  let place: String
  let isVital: Bool
  /// Nobody misses it at boot: `noauto`.
  let isOnDemand: Bool

  init(
    _ kind: Use.Kind, _ device: String, point: String = "", what: String, place: String, isVital: Bool = false,
    isOnDemand: Bool = false
  ) {
    self.kind = kind
    self.device = device
    self.point = point
    self.what = what
    self.place = place
    self.isVital = isVital
    self.isOnDemand = isOnDemand
  }
}

extension StorageEntry {
  /// All that are written down, and what could not be read.
  static func all(_ sysfs: any Sysfs) -> (entries: [StorageEntry], unread: [String]) {
    var files = ConfigurationFiles(sysfs)
    let entries =
      fstab(&files) + crypttab(&files) + arrays(&files) + resume(&files)
      + words(sysfs.fact("/proc/cmdline").value ?? "").flatMap { argument($0) }
    return (entries, files.unread)
  }

  private static func fstab(_ files: inout ConfigurationFiles) -> [StorageEntry] {
    fields(&files, "/etc/fstab").flatMap { fields, place -> [StorageEntry] in
      guard fields.count >= 3 else { return [] }
      let point = fields[2] == "swap" ? "swap" : unescaped(fields[1])
      let options = fields.count > 3 ? fields[3] : ""
      let words = options.split(separator: ",")
      let isOnDemand = words.contains("noauto") && !words.contains("x-systemd.automount")
      return ([device(fields[0])] + further(options)).map { device in
        StorageEntry(
          .fstab, device, point: point, what: point, place: place,
          isVital: StorageUse.vital.contains(point) || point == "swap", isOnDemand: isOnDemand)
      }
    }
  }

  private static func crypttab(_ files: inout ConfigurationFiles) -> [StorageEntry] {
    fields(&files, "/etc/crypttab").flatMap { fields, place -> [StorageEntry] in
      guard fields.count >= 2 else { return [] }
      let what = "\(fields[0]) in crypttab"
      let options = fields.count > 3 ? fields[3] : ""
      let isOnDemand = options.split(separator: ",").contains("noauto")
      func entry(_ device: String, _ what: String) -> StorageEntry {
        StorageEntry(.fstab, device, what: what, place: place, isOnDemand: isOnDemand)
      }
      var found = ([device(fields[1])] + further(options)).map { entry($0, what) }
      // A key may lie on a device of its own: `/key:LABEL=stick`.
      if let key = fields.dropFirst(2).first, let colon = key.lastIndex(of: ":") {
        found.append(entry(device(String(key[key.index(after: colon)...])), "key of \(what)"))
      }
      return found
    }
  }

  /// `ARRAY /dev/md0 UUID=aaaaaaaa:bbbbbbbb:cccccccc:dddddddd`: its members have that UUID.
  private static func arrays(_ files: inout ConfigurationFiles) -> [StorageEntry] {
    ["/etc/mdadm/mdadm.conf", "/etc/mdadm.conf"].flatMap { path in
      fields(&files, path).flatMap { fields, place -> [StorageEntry] in
        guard fields[0].uppercased() == "ARRAY", let name = fields.dropFirst().first, !name.contains("<ignore>") else {
          return []
        }
        return fields.filter { $0.lowercased().hasPrefix("uuid=") }.compactMap { arrayTag($0.dropFirst(5)) }.map {
          StorageEntry(.configuredStorage, $0, what: "array \(name)", place: place)
        }
      }
    }
  }

  /// Where Debian's initramfs looks for what was suspended to disk.
  private static func resume(_ files: inout ConfigurationFiles) -> [StorageEntry] {
    files.files(in: ["/etc/initramfs-tools/conf.d"], ending: "").flatMap { path in
      KeyLine.all(files.lines(path)).filter { $0.key == "RESUME" && $0.value.contains(where: { "/=".contains($0) }) }
        .map {
          StorageEntry(
            .configuredStorage, device($0.value), what: "RESUME=\($0.value)", place: "\(path):\($0.line)", isVital: true
          )
        }
    }
  }

  /// `root=`, `resume=`, and what dracut and others take to find them. The machine does not start without.
  private static func argument(_ word: String) -> [StorageEntry] {
    guard let equals = word.firstIndex(of: "=") else { return [] }
    let value = String(word[word.index(after: equals)...])
    let found: String?
    switch word[..<equals] {
    case "root", "resume", "journal_dev", "rootflags.device": found = device(value)
    case "rd.luks.uuid", "luks.uuid", "rd.luks.name", "luks.name":
      let uuid = (value.hasPrefix("luks-") ? value.dropFirst(5) : value[...]).prefix { $0 != "=" }
      found = deviceTag("UUID=\(uuid)")
    case "rd.lvm.lv": found = "/dev/" + value
    case "rd.md.uuid": found = arrayTag(value)
    case "cryptdevice": found = device(String(value.prefix { $0 != ":" }))
    case "cryptopts":
      found = value.split(separator: ",").first { $0.hasPrefix("source=") }.map { device(String($0.dropFirst(7))) }
    default: found = nil
    }
    return found.map {
      [StorageEntry(.configuredStorage, $0, what: word, place: "/proc/cmdline", isVital: true)]
    } ?? []
  }

  /// The words of each line that says something, and where it stands.
  private static func fields(_ files: inout ConfigurationFiles, _ path: String) -> [([String], String)] {
    files.lines(path).enumerated().compactMap { index, line in
      let fields = words(line)
      return fields.first.map { $0.hasPrefix("#") } == false ? (fields, "\(path):\(index + 1)") : nil
    }
  }

  /// `UUID="…"` is allowed too; the tag's name is not case sensitive.
  private static func device(_ field: String) -> String {
    let tag = deviceTag(unescaped(field).replacing("\"", with: ""))
    return tag.hasPrefix("ID=") ? "/dev/disk/by-id/" + tag.dropFirst(3) : tag
  }

  /// Devices that options name besides: members of a btrfs, journals of XFS and ext4, a detached LUKS header.
  private static func further(_ options: String) -> [String] {
    options.split(separator: ",").compactMap { option in
      ["device=", "logdev=", "rtdev=", "journal_path=", "header="].first { option.hasPrefix($0) }.map {
        device(String(option.dropFirst($0.utf8.count)))
      }
    }
  }
}

/// `ARRAY=` and the 32 hex digits of an md array's UUID, which mdadm and udev write with different marks between.
func arrayTag(_ uuid: some StringProtocol) -> String? {
  let digits = uuid.lowercased().filter(\.isHexDigit)
  return digits.utf8.count == 32 ? "ARRAY=\(digits)" : nil
}
