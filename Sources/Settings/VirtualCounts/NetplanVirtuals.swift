import Host

extension NetplanFiles {
  /// `virtual-function-count: 7` of a card, and no fewer than the cards that name it by `link:`.
  static func virtualCounts(_ files: inout SettingFiles) -> [VirtualCount] {
    let documents = documents(&files)
    let network = network(documents)
    let cards = network["ethernets"]?.entries ?? []
    return cards.compactMap { card in
      let linked = cards.filter { $0.value["link"]?.text == card.key }
      let given = card.value["virtual-function-count"]?.text
      guard given != nil || !linked.isEmpty else { return nil }
      let wanted = sources(documents, "ethernets") { entry in
        entry.key == card.key && entry.value["virtual-function-count"] != nil
          || entry.value["link"]?.text == card.key ? [card.key] : []
      }[card.key]
      let line = wanted?.entry.value.entries.first { $0.key == "virtual-function-count" || $0.key == "link" }?.line
      let count = given.map { Int($0) } ?? linked.count
      return VirtualCount(
        .netplan, .interface(match(card, kind: "ether")), count: count.map { max($0, linked.count) },
        source: SourceLine(
          wanted?.file ?? "/etc/netplan", line ?? wanted?.entry.line ?? 1,
          text: given.map { "virtual-function-count: \($0)" } ?? "\(linked.count) interfaces with link: \(card.key)"))
    }
  }
}
