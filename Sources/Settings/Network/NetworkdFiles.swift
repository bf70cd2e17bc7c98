import Sysfs

/// `systemd.network(5)`: of the files that fit an interface the first one counts; and `systemd.link(5)`, which names it.
enum NetworkdFiles {
  static let folders = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\($0)/systemd/network" }

  /// In the order in which networkd tries them: an interface is the first one's alone.
  static func settings(_ files: inout SettingFiles) -> [InterfaceSetting] {
    files.files(in: folders, ending: ".network").map { file in
      let lines = KeyLine.all(files.lines(file) ?? []) + dropIns(of: file, &files)
      let first = lines.first { $0.section == "Match" }?.line ?? 1
      var setting = InterfaceSetting(file: file, line: first, match: match(lines), detail: "", upper: nil)
      let uppers = lines.filter { $0.section == "Network" && Self.uppers.contains($0.key) }
      let given = lines.filter { ["Network", "Address", "Route"].contains($0.section) }.map { "\($0.key)=\($0.value)" }
      let isLeft = lines.contains {
        $0.section == "Link"
          && ($0.key == "Unmanaged" && isTrue($0.value) || $0.key == "ActivationPolicy" && isManual($0.value))
      }
      setting = InterfaceSetting(
        file: file, line: first, match: setting.match,
        detail: given.prefix(3).joined(separator: ", "), upper: uppers.first?.value,
        isAutomatic: !isLeft && !given.isEmpty)
      return setting
    }
  }

  private static let uppers: Set<String> = [
    "Bond", "Bridge", "VLAN", "MACVLAN", "MACVTAP", "IPVLAN", "IPVTAP", "VRF", "BatmanAdvanced",
  ]

  /// Names that links will get by the place of their card, if no driver has made them yet: `Path=` to `Name=`.
  static func namesByPath(_ files: inout SettingFiles) -> [NameByPath] {
    files.files(in: folders, ending: ".link").flatMap { file -> [NameByPath] in
      let lines = KeyLine.all(files.lines(file) ?? [])
      guard let name = lines.first(where: { $0.section == "Link" && $0.key == "Name" })?.value else { return [] }
      return lines.filter { $0.section == "Match" && $0.key == "Path" }.flatMap { words($0.value) }.map {
        NameByPath(pattern: $0, name: name)
      }
    }
  }

  private static func dropIns(of file: String, _ files: inout SettingFiles) -> [KeyLine] {
    files.files(in: folders.map { "\($0)/\(lastName(file)).d" }, ending: ".conf").flatMap {
      KeyLine.all(files.lines($0) ?? [])
    }
  }

  private static func match(_ lines: [KeyLine]) -> InterfaceMatch {
    var match = InterfaceMatch()
    for line in lines where line.section == "Match" {
      let values = words(line.value)
      switch line.key {
      case "Name": match.names += values
      case "MACAddress", "PermanentMACAddress": match.addresses += values.map { $0.lowercased() }
      case "Driver": match.drivers += values
      case "Path": match.paths += values
      case "Type": match.kinds += values
      // The interface of a PCI function has no kind: only interfaces that the kernel makes itself have one.
      case "Kind": match.isForMadeLinks = match.isForMadeLinks || values.first?.hasPrefix("!") == false
      case "WLANInterfaceType", "SSID", "BSSID": match.kinds += ["wlan"]
      default: match.hasMore = true
      }
    }
    return match
  }

  private static func isTrue(_ value: String) -> Bool { ["1", "yes", "true", "on"].contains(value.lowercased()) }
  private static func isManual(_ value: String) -> Bool { value.hasPrefix("manual") || value.contains("down") }
}

/// A name that a link gets by the place of its card: a pattern of udev's `ID_PATH`.
public struct NameByPath: Sendable {
  public let pattern: String
  public let name: String
}
