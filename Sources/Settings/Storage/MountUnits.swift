import Host
import Sysfs

/// Mounts and swap of systemd's own units that the host starts at boot: systemd.mount(5), systemd.swap(5). What fstab
/// says is not among them: its units are made as the host boots.
enum MountUnits {
  static func read(_ files: inout SettingFiles) -> [StorageEntry] {
    let folders = BootUnits.folders
    var started: Set<String> = []
    for folder in folders {
      for wants in files.names(folder) where BootUnits.isStarted(wants) {
        started.formUnion(files.names("\(folder)/\(wants)").compactMap(unit))
      }
    }
    return started.sorted().flatMap { name -> [StorageEntry] in
      guard let folder = folders.first(where: { files.sysfs.exists("\($0)/\(name)") }) else { return [] }
      let path = "\(folder)/\(name)"
      let lines = KeyLine.all(files.lines(path) ?? [])
      guard let what = lines.last(where: { $0.key == "What" }) else { return [] }
      let point = name.hasSuffix(".swap") ? "swap" : lines.last { $0.key == "Where" }?.value ?? ""
      let source = SourceLine(path, what.line, text: "What=\(what.value)")
      return [
        StorageEntry(.fstab, StorageFields.device(what.value), point: point, what: point, source: source)
      ]
    }
  }

  /// An automount unit has the mount unit of its own name started.
  private static func unit(_ name: String) -> String? {
    if name.hasSuffix(".mount") || name.hasSuffix(".swap") { return name }
    return name.hasSuffix(".automount") ? name.dropLast(".automount".utf8.count) + ".mount" : nil
  }
}
