import Host
import Sysfs

/// systemd.link(5): of the files that fit an interface only the first counts, with its drop-ins.
enum LinkFiles {
  static func virtualCounts(_ files: inout SettingFiles) -> [VirtualCount] {
    files.files(in: NetworkdFiles.folders, ending: ".link").compactMap { file in
      let own = KeyLine.all(files.lines(file) ?? []).map { (file, $0) }
      let names = files.files(in: NetworkdFiles.folders.map { "\($0)/\(lastName(file)).d" }, ending: ".conf")
      let lines = own + names.flatMap { name in KeyLine.all(files.lines(name) ?? []).map { (name, $0) } }
      // A file without a section that says which interfaces it is for fits none.
      guard let match = match(lines.map(\.1)) else { return nil }
      let given = lines.last { $0.1.section == "Link" && $0.1.key == "SR-IOVVirtualFunctions" }
      // Without it there are as many as sections `[SR-IOV]` name.
      let single = lines.filter { $0.1.section == "SR-IOV" && $0.1.key == "VirtualFunction" }
      let most = single.compactMap { Int($0.1.value) }.max()
      let place = given ?? single.last ?? lines.first { $0.1.section == "Match" }
      let source = SourceLine(
        place?.0 ?? file, place?.1.line ?? 1, text: place.map { "\($0.1.key)=\($0.1.value)" } ?? "")
      var count = VirtualCount(
        .link, .interface(match), count: given.map { Int($0.1.value) } ?? most.map { $0 + 1 }, source: source)
      count.isFirstAlone = true
      return count
    }
  }

  private static func match(_ lines: [KeyLine]) -> InterfaceMatch? {
    let conditions = lines.filter { $0.section == "Match" && !$0.value.isEmpty }
    if conditions.isEmpty { return nil }
    var match = InterfaceMatch()
    for line in conditions {
      let values = words(line.value)
      switch line.key {
      case "OriginalName": match.names += values
      case "MACAddress", "PermanentMACAddress": match.addresses += values.map { $0.lowercased() }
      case "Driver": match.drivers += values
      case "Path": match.paths += values
      case "Type": match.kinds += values
      case "Kind": match.isForMadeLinks = match.isForMadeLinks || values.first?.hasPrefix("!") == false
      default: match.hasMore = true
      }
    }
    return match
  }
}

extension NetworkManagerFiles {
  /// `[sriov] total-vfs=7`: a connection sets it as it comes up, and 0 as it goes down.
  static func virtualCounts(_ files: inout SettingFiles) -> [VirtualCount] {
    settings(&files).compactMap { setting in
      let line = KeyLine.all(files.lines(setting.file) ?? []).first { $0.section == "sriov" && $0.key == "total-vfs" }
      guard let line else { return nil }
      return VirtualCount(
        .networkManager, .interface(setting.match), count: Int(line.value),
        source: SourceLine(setting.file, line.line, text: "total-vfs=\(line.value), \(setting.detail)"))
    }
  }
}
