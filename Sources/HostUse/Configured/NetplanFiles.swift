import Sysfs

/// `netplan(5)`: cards by name or by what `match` says, and what is made of them.
enum NetplanFiles {
  private static let folders = ["/etc/netplan", "/run/netplan", "/usr/lib/netplan", "/lib/netplan"]
  /// Sections of cards, with udev's word for what they are; modems go by their own.
  private static let cards: [(section: String, kind: String?)] = [
    ("ethernets", "ether"), ("wifis", "wlan"), ("modems", nil),
  ]

  static func settings(_ files: inout ConfigurationFiles) -> [InterfaceSetting] {
    var documents: [(file: String, network: PlainYAML)] = []
    for file in files.files(in: folders, ending: ".yaml") {
      do throws(PlainYAML.Unclear) {
        if let network = try PlainYAML(files.lines(file))["network"] { documents.append((file, network)) }
      } catch { files.isUnclear(file, line: error.line) }
    }
    // A card goes by an id, and what is said of it may stand in several files: `match` in one, addresses in another.
    let network = documents.reduce(PlainYAML.map([])) { $0.amended(by: $1.network) }
    /// The last file that says so of this id, and what it says.
    func source(_ section: String, _ id: String, says: (PlainYAML) -> Bool) -> (file: String, entry: PlainYAML.Entry)? {
      for (file, network) in documents.reversed() {
        if let entry = network[section]?.entries.first(where: { $0.key == id && says($0.value) }) {
          return (file, entry)
        }
      }
      return nil
    }
    var matches: [String: InterfaceMatch] = [:]
    var found: [InterfaceSetting] = []
    for (section, kind) in cards {
      for card in network[section]?.entries ?? [] {
        let match = Self.match(card, kind: kind)
        matches[card.key] = match
        let given = Self.given(card.value)
        guard let source = source(section, card.key, says: { !Self.given($0).isEmpty }), !given.isEmpty else {
          continue
        }
        let mode = card.value["activation-mode"]?.text
        found.append(
          InterfaceSetting(
            file: source.file, line: source.entry.line, match: match, detail: given.joined(separator: ", "),
            isAutomatic: mode != "manual" && mode != "off"))
      }
    }
    for (section, key, words) in [
      ("bonds", "interfaces", "port of"), ("bridges", "interfaces", "port of"), ("vrfs", "interfaces", "port of"),
      ("vlans", "link", "carries the VLAN"),
    ] {
      for upper in network[section]?.entries ?? [] {
        for id in upper.value[key]?.texts ?? [] {
          guard let source = source(section, upper.key, says: { $0[key]?.texts.contains(id) == true }) else { continue }
          found.append(
            InterfaceSetting(
              file: source.file, line: source.entry.value.entries.first { $0.key == key }?.line ?? source.entry.line,
              match: matches[id] ?? InterfaceMatch(names: [id]), detail: "\(words) \(upper.key)", upper: upper.key))
        }
      }
    }
    return found
  }

  private static func match(_ card: PlainYAML.Entry, kind: String?) -> InterfaceMatch {
    let kinds = kind.map { [$0] } ?? []
    guard let given = card.value["match"] else { return InterfaceMatch(names: [card.key], kinds: kinds) }
    var match = InterfaceMatch(kinds: kinds)
    for entry in given.entries {
      switch entry.key {
      case "name": match.names = entry.value.texts
      case "macaddress": match.addresses = entry.value.texts.map { $0.lowercased() }
      case "driver": match.drivers = entry.value.texts
      default: match.hasMore = true
      }
    }
    // Once it has been named, the new name is what it goes by; with an address that is still the card's own.
    if match.addresses.isEmpty, let name = card.value["set-name"]?.text { match.names.append(name) }
    return match
  }

  /// What gives an interface something to do: `dhcp4`, `addresses 192.0.2.1/24`.
  private static func given(_ card: PlainYAML) -> [String] {
    var found = ["dhcp4", "dhcp6"].filter { card[$0]?.isTrue == true }
    if let addresses = card["addresses"]?.texts, !addresses.isEmpty {
      found.append("addresses " + addresses.joined(separator: " "))
    }
    for key in ["gateway4", "gateway6", "access-points", "routes"] where card[key] != nil { found.append(key) }
    return found
  }
}

extension PlainYAML {
  /// As netplan-generate(8) reads a later file: maps are merged key by key, lists go on, and any other value replaces the
  /// earlier one.
  fileprivate func amended(by later: PlainYAML) -> PlainYAML {
    switch (self, later) {
    case (.map(var entries), .map(let more)):
      for entry in more {
        if let place = entries.firstIndex(where: { $0.key == entry.key }) {
          let value = entries[place].value.amended(by: entry.value)
          entries[place] = Entry(key: entry.key, line: entry.line, value: value)
        } else {
          entries.append(entry)
        }
      }
      return .map(entries)
    case (.list(let values), .list(let more)): return .list(values + more)
    // `id0:` with nothing behind it takes nothing back.
    case (.map, .scalar("")), (.list, .scalar("")): return self
    default: return later
    }
  }
}
