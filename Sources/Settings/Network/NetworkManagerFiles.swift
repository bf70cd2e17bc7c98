import Sysfs

/// Connections of NetworkManager: `nm-settings-keyfile(5)`.
enum NetworkManagerFiles {
  private static let folders = ["/etc", "/run", "/usr/lib"].map { "\($0)/NetworkManager/system-connections" }
  /// Connection types that use a card, with udev's word for the card's kind.
  private static let kinds = [
    "ethernet": "ether", "802-3-ethernet": "ether", "wifi": "wlan", "802-11-wireless": "wlan",
    "infiniband": "infiniband",
  ]

  static func settings(_ files: inout SettingFiles) -> [InterfaceSetting] {
    // A keyfile without the ending is one too, by older versions.
    let paths = files.files(in: folders, ending: "").filter { !$0.hasSuffix("~") }
    let all = paths.map { ($0, KeyLine.all(files.lines($0) ?? [])) }
    // A port may name its master by the connection's UUID.
    let names = Dictionary(
      all.compactMap { _, lines in
        value(of: "uuid", in: "connection", lines: lines).flatMap { uuid in
          value(of: "interface-name", in: "connection", lines: lines).map { (uuid, $0) }
        }
      }, uniquingKeysWith: { first, _ in first })
    return all.compactMap { setting($0, lines: $1, names: names) }
  }

  private static func value(of key: String, in section: String, lines: [KeyLine]) -> String? {
    lines.first { $0.section == section && $0.key == key }.map(\.value).flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func setting(_ file: String, lines: [KeyLine], names: [String: String]) -> InterfaceSetting? {
    guard let type = value(of: "type", in: "connection", lines: lines) else { return nil }
    let id = value(of: "id", in: "connection", lines: lines) ?? lastName(file)
    let name = lines.first { $0.section == "connection" && $0.key == "interface-name" && !$0.value.isEmpty }
    let isAutomatic = value(of: "autoconnect", in: "connection", lines: lines) != "false"
    let parent = lines.first {
      ["vlan", "macvlan", "ipvlan", "infiniband"].contains($0.section) && $0.key == "parent"
    }
    if let parent {
      // A VLAN on a card; the parent may be a connection's UUID, which then says of its own card itself.
      let upper = name?.value ?? id
      return InterfaceSetting(
        file: file, line: parent.line, match: InterfaceMatch(names: [names[parent.value] ?? parent.value]),
        detail: "carries \(upper), connection \(id)", upper: upper, isAutomatic: isAutomatic)
    }
    guard let kind = kinds[type] else { return nil }
    var match = InterfaceMatch(names: name.map { [$0.value] } ?? [], kinds: [kind])
    var line = name?.line
    for entry in lines
    where ["ethernet", "802-3-ethernet", "wifi", "802-11-wireless", "infiniband"].contains(entry.section) {
      guard entry.key == "mac-address", !entry.value.isEmpty else { continue }
      match.addresses.append(entry.value.lowercased())
      line = line ?? entry.line
    }
    for entry in lines where entry.section == "match" {
      let values = entry.value.split(separator: ";").map { trimmed($0) }.filter { !$0.isEmpty }
      switch entry.key {
      case "interface-name": match.names += values
      case "driver": match.drivers += values
      case "path": match.paths += values
      default: match.hasMore = true
      }
      line = line ?? entry.line
    }
    let master =
      value(of: "controller", in: "connection", lines: lines) ?? value(of: "master", in: "connection", lines: lines)
    let upper = master.map { names[$0] ?? $0 }
    return InterfaceSetting(
      file: file, line: line ?? lines.first { $0.key == "type" }?.line ?? 1, match: match,
      detail: (upper.map { "port of \($0), " } ?? "") + "connection \(id)", upper: upper, isAutomatic: isAutomatic)
  }
}
