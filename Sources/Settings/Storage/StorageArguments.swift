import Host
import Sysfs

/// `root=`, `resume=`, and what dracut and others take to find them, on the kernel's command line.
public enum StorageArguments {
  public static func read(_ sysfs: any Sysfs) -> [StorageEntry] {
    (KernelCommandLine.read(sysfs).value ?? []).compactMap { word in
      device(word).map {
        StorageEntry(.kernelArgument, $0, what: word, source: SourceLine(KernelCommandLine.path, nil, text: word))
      }
    }
  }

  /// The device that a word names.
  private static func device(_ word: String) -> String? {
    guard let equals = word.firstIndex(of: "=") else { return nil }
    let value = String(word[word.index(after: equals)...])
    switch word[..<equals] {
    case "root", "resume", "journal_dev", "rootflags.device": return StorageFields.device(value)
    case "rd.luks.uuid", "luks.uuid", "rd.luks.name", "luks.name":
      let uuid = (value.hasPrefix("luks-") ? value.dropFirst(5) : value[...]).prefix { $0 != "=" }
      return deviceTag("UUID=\(uuid)")
    case "rd.lvm.lv": return "/dev/" + value
    case "rd.md.uuid": return arrayTag(value)
    case "cryptdevice": return StorageFields.device(String(value.prefix { $0 != ":" }))
    case "cryptopts":
      return value.split(separator: ",").first { $0.hasPrefix("source=") }
        .map { StorageFields.device(String($0.dropFirst(7))) }
    default: return nil
    }
  }
}
