import Sysfs

/// `netplan(5)`: cards by name or by what `match` says, and what is made of them.
enum NetplanFiles {
  private static let folders = ["/etc/netplan", "/run/netplan", "/usr/lib/netplan", "/lib/netplan"]
  /// Some hundred times what hosts have; what is larger is not looked at.
  private static let limit = 1 << 20
  /// Sections of cards, with udev's word for what they are; modems go by their own.
  private static let cards: [(section: String, kind: String?)] = [
    ("ethernets", "ether"), ("wifis", "wlan"), ("modems", nil),
  ]
  /// Sections of what is made of others, with the key that names those.
  private static let uppers: [(section: String, key: String, words: String)] = [
    ("bonds", "interfaces", "port of"), ("bridges", "interfaces", "port of"), ("vrfs", "interfaces", "port of"),
    ("vlans", "link", "carries the VLAN"),
  ]

  struct Document {
    let file: String
    let network: YAMLValue
  }

  static func documents(_ files: inout SettingFiles) -> [Document] {
    var documents: [Document] = []
    for file in files.files(in: folders, ending: ".yaml") {
      guard let bytes = files.bytes(file, limit: limit) else { continue }
      do throws(YAMLValue.Unclear) {
        if let network = try YAMLReader.read(bytes)["network"] {
          documents.append(Document(file: file, network: network))
        }
      } catch { files.isUnclear(file, line: error.line) }
    }
    return documents
  }

  /// A card has an id, and its settings may be spread over several files: `match` in one, addresses in another.
  static func network(_ documents: [Document]) -> YAMLValue {
    documents.reduce(YAMLValue.map([])) { $0.amended(by: $1.network) }
  }

  static func settings(_ files: inout SettingFiles) -> [InterfaceSetting] {
    let documents = documents(&files)
    let network = network(documents)
    var matches: [String: InterfaceMatch] = [:]
    var found: [InterfaceSetting] = []
    for (section, kind) in cards {
      let sources = sources(documents, section) { card in given(card.value).isEmpty ? [] : [card.key] }
      for card in network[section]?.entries ?? [] {
        let match = Self.match(card, kind: kind)
        matches[card.key] = match
        let given = Self.given(card.value)
        guard let source = sources[card.key], !given.isEmpty else { continue }
        let mode = card.value["activation-mode"]?.text
        found.append(
          InterfaceSetting(
            file: source.file, line: source.entry.line, match: match, detail: given.joined(separator: ", "),
            isAutomatic: mode != "manual" && mode != "off"))
      }
    }
    for (section, key, words) in uppers {
      let sources = sources(documents, section) { upper in
        (upper.value[key]?.texts ?? []).map { Port(upper: upper.key, id: $0) }
      }
      for upper in network[section]?.entries ?? [] {
        for id in upper.value[key]?.texts ?? [] {
          guard let source = sources[Port(upper: upper.key, id: id)] else { continue }
          found.append(
            InterfaceSetting(
              file: source.file, line: source.entry.value.entries.first { $0.key == key }?.line ?? source.entry.line,
              match: matches[id] ?? InterfaceMatch(names: [id]), detail: "\(words) \(upper.key)", upper: upper.key))
        }
      }
    }
    return found
  }

  private struct Port: Hashable {
    let upper: String
    let id: String
  }

  /// For each thing that a section may say of an id, the last file that says so, and the entry there.
  static func sources<Key: Hashable>(
    _ documents: [Document], _ section: String, says: (YAMLValue.Entry) -> [Key]
  ) -> [Key: (file: String, entry: YAMLValue.Entry)] {
    var found: [Key: (file: String, entry: YAMLValue.Entry)] = [:]
    for document in documents.reversed() {
      for entry in document.network[section]?.entries ?? [] {
        for key in says(entry) where found[key] == nil { found[key] = (document.file, entry) }
      }
    }
    return found
  }

  static func match(_ card: YAMLValue.Entry, kind: String?) -> InterfaceMatch {
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
  private static func given(_ card: YAMLValue) -> [String] {
    var found = ["dhcp4", "dhcp6"].filter { card[$0]?.isTrue == true }
    if let addresses = card["addresses"]?.texts, !addresses.isEmpty {
      found.append("addresses " + addresses.joined(separator: " "))
    }
    for key in ["gateway4", "gateway6", "access-points", "routes"] where card[key] != nil { found.append(key) }
    return found
  }
}

extension YAMLValue {
  /// As netplan-generate(8) reads a later file: maps are merged key by key, lists go on, and any other value replaces the
  /// earlier one.
  fileprivate func amended(by later: YAMLValue) -> YAMLValue {
    switch (self, later) {
    case (.map(var entries), .map(let more)):
      var places = Dictionary(
        zip(entries.map(\.key), entries.indices), uniquingKeysWith: { first, _ in first })
      for entry in more {
        if let place = places[entry.key] {
          let value = entries[place].value.amended(by: entry.value)
          entries[place] = Entry(key: entry.key, line: entry.line, value: value)
        } else {
          places[entry.key] = entries.count
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
