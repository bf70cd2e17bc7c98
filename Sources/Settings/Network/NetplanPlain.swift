import PCI

extension NetplanFiles {
  /// The file anew, with what is read of it and nothing else, each on the line that it had. What is not understood is
  /// not copied, and says so on its line as well.
  static func plain(_ text: String) -> [String] {
    var writer = Writer()
    do throws(YAMLValue.Unclear) {
      let document = try YAMLReader.read(Array(text.utf8))
      guard let network = document.entries.first(where: { $0.key == "network" }) else { return [""] }
      writer.add("{network: {", at: network.line)
      for section in network.value.entries {
        guard let keys = kept[section.key] else { continue }
        writer.add("  \(section.key): {", at: section.line)
        for card in section.value.entries {
          writer.add("    \(key(card.key)): {", at: card.line)
          for entry in card.value.entries where keys.contains(entry.key) {
            let value = entry.key == "match" ? Self.match(entry.value) : value(entry)
            writer.add("      \(entry.key): \(value),", at: entry.line)
          }
          writer.end("},")
        }
        writer.end("},")
      }
      writer.end("}}")
      return writer.lines
    } catch {
      writer.add("&left-out", at: error.line)
      return writer.lines
    }
  }

  private static let kept: [String: Set<String>] = {
    let card: Set = [
      "match", "set-name", "dhcp4", "dhcp6", "addresses", "gateway4", "gateway6", "routes", "access-points",
      "activation-mode", "virtual-function-count", "link",
    ]
    let upper: Set = ["interfaces", "link", "id", "dhcp4", "dhcp6", "addresses"]
    return [
      "ethernets": card, "wifis": card, "modems": card, "bonds": upper, "bridges": upper, "vrfs": upper,
      "vlans": upper,
    ]
  }()

  /// A scalar or list of such; of a map it counts that there is one.
  private static func value(_ entry: YAMLValue.Entry) -> String {
    switch entry.value {
    case .scalar(let text): quoted(text)
    case .list: "[" + entry.value.texts.map(quoted).joined(separator: ", ") + "]"
    case .map: "{}"
    }
  }

  private static func match(_ match: YAMLValue) -> String {
    let known = match.entries.filter { ["name", "macaddress", "driver"].contains($0.key) }
    let more = known.count < match.entries.count ? ["more: left-out"] : []
    return "{" + (known.map { "\($0.key): \(value($0))" } + more).joined(separator: ", ") + "}"
  }

  /// A key of more than 1024 characters has to be marked as one.
  private static func key(_ text: String) -> String { (text.utf8.count > 100 ? "? " : "") + quoted(text) }

  private static func quoted(_ text: String) -> String {
    var found = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"", "\\": found += "\\\(character)"
      case " "..."~": found.unicodeScalars.append(character)
      default: found += "\\U" + hexText(character.value, digits: 8)
      }
    }
    return found + "\""
  }

  /// In brackets, so that a line may hold what an alias brings from a line further up.
  private struct Writer {
    var lines: [String] = []

    /// On this line, or on the last one if that is further down already.
    mutating func add(_ text: String, at line: Int) {
      if lines.count < line || lines.isEmpty {
        while lines.count < line - 1 { lines.append("") }
        lines.append(text)
      } else {
        lines[lines.count - 1] += " " + trimmed(text)
      }
    }

    mutating func end(_ brackets: String) { lines[lines.count - 1] += brackets }
  }
}
