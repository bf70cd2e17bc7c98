extension NetplanFiles {
  /// The file anew, with what is read of it and nothing else, each on the line that it had. What is not understood is
  /// not copied, and says so on its line as well.
  static func plain(_ lines: [String]) -> [String] {
    var writer = Writer()
    do throws(PlainYAML.Unclear) {
      guard let network = try PlainYAML(lines).entries.first(where: { $0.key == "network" }) else { return [""] }
      writer.add("network:", at: network.line)
      for section in network.value.entries {
        guard let keys = kept[section.key] else { continue }
        writer.add("  \(section.key):", at: section.line)
        for card in section.value.entries {
          writer.add("    \(quoted(card.key)):", at: card.line)
          for entry in card.value.entries where keys.contains(entry.key) {
            writer.add("      \(entry.key): \(entry.key == "match" ? text(entry.value) : value(entry))", at: entry.line)
          }
        }
      }
      return writer.lines
    } catch {
      writer.add("&left-out", at: error.line)
      return writer.lines
    }
  }

  private static let kept: [String: Set<String>] = {
    let card: Set = [
      "match", "set-name", "dhcp4", "dhcp6", "addresses", "gateway4", "gateway6", "routes", "access-points",
      "activation-mode",
    ]
    let upper: Set = ["interfaces", "link", "id", "dhcp4", "dhcp6", "addresses"]
    return [
      "ethernets": card, "wifis": card, "modems": card, "bonds": upper, "bridges": upper, "vrfs": upper,
      "vlans": upper,
    ]
  }()

  /// A scalar or list of such; of a map it counts that there is one.
  private static func value(_ entry: PlainYAML.Entry) -> String {
    switch entry.value {
    case .scalar(let text): quoted(text)
    case .list: "[" + entry.value.texts.map(quoted).joined(separator: ", ") + "]"
    case .map: "{}"
    }
  }

  private static func text(_ match: PlainYAML) -> String {
    let known = match.entries.filter { ["name", "macaddress", "driver"].contains($0.key) }
    let more = known.count < match.entries.count ? ["more: left-out"] : []
    return "{" + (known.map { "\($0.key): \(value($0))" } + more).joined(separator: ", ") + "}"
  }

  private static func quoted(_ text: String) -> String { text.contains("\"") ? "'\(text)'" : "\"\(text)\"" }

  private struct Writer {
    var lines: [String] = []

    /// On this line, or on the next one where that is taken already.
    mutating func add(_ text: String, at line: Int) {
      while lines.count < line - 1 { lines.append("") }
      lines.append(text)
    }
  }
}
