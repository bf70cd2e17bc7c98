import PCI

/// What is wrong with a text that names nothing, and what it is without the slip.
extension SelectorError {
  init(mistyped text: String) {
    let trimmed = Self.trimmed(text)
    if text.isEmpty {
      self.init(text: text, reason: "names nothing")
    } else if trimmed != text {
      self.init(text: text, reason: "has a space at its end or start", meant: Self.readable(trimmed))
    } else if text.contains(" ") {
      let words = text.split(separator: " ").map(String.init)
      self.init(
        text: text, reason: "is \(words.count) words in one: leave out the quotes",
        meant: words.allSatisfy { Self.readable($0) != nil } ? words.joined(separator: " ") : nil)
    } else if let slip = Self.outOfRange(text) {
      self.init(text: text, reason: "is not an address: \(slip.reason)", meant: slip.meant)
    } else if let meant = Self.address(text) {
      self.init(text: text, reason: "is not an address: those are like 01:00.0", meant: meant)
    } else if let meant = Self.otherNotation(text) {
      self.init(text: text, reason: "is not a selector", meant: meant)
    } else if text.hasPrefix("pci_") {
      self.init(text: text, reason: "is not a name of libvirt's: those are like pci_0000_01_00_0")
    } else if text.utf8.allSatisfy({ hexDigit($0) != nil || $0 == 0x3a || $0 == 0x2e }), text.contains(":") {
      self.init(
        text: text,
        reason: "is neither an address (0000:01:00.0, 01:00.0, 01:00) nor a pair of ids (10ee:5000)")
    } else {
      self.init(text: text, reason: "is not a selector, and nothing on this host has that name")
    }
  }

  /// Spaces and tabs; the program's own arguments have no others that a person cannot see.
  private static func trimmed(_ text: String) -> String {
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }

  /// Without asking what is wrong with it, if it is none of the forms either.
  private static func readable(_ text: String) -> String? { Selector.form(text) == nil ? nil : text }

  /// An address with one number that no address has.
  private static func outOfRange(_ text: String) -> (reason: String, meant: String?)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return nil }
    let ends = parts[parts.count - 1].split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.dropLast().map(\.utf8) + ends.map(\.utf8)
    guard ends.count == 2, numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy { hexDigit($0) != nil } }) else {
      return nil
    }
    let slot = (parts.dropLast() + [ends[0]]).joined(separator: ":")
    if readable(slot) != nil, Selector.place(slot) != nil {
      return ("functions are 0 to 7", "\(slot).0")
    }
    if parts.count == 3, parts[0].utf8.count < 4 {
      let zeros = String(repeating: "0", count: 4 - parts[0].utf8.count)
      return ("a domain has four digits", readable(zeros + text))
    }
    if parts[parts.count - 2].utf8.count > 2 { return ("a bus has two digits", nil) }
    if ends[0].utf8.count <= 2 { return ("devices are 00 to 1f", nil) }
    return nil
  }

  /// A form of ours in the notation of something else.
  private static func otherNotation(_ text: String) -> String? {
    if let last = text.last, ".:,;/".contains(last), let meant = readable(String(text.dropLast())) { return meant }
    let lower = text.lowercased()
    for word in ["group", "net", "block", "pin", "xml"] where lower.hasPrefix(word) {
      let rest = text.dropFirst(word.count)
      guard let first = rest.first, ":/= ".contains(first) || (word == "group" && first.isNumber) else { continue }
      let name = ":/= ".contains(first) ? rest.dropFirst() : rest
      if let meant = readable("\(word):\(name)") { return meant }
    }
    if lower.hasPrefix("dev/") || lower.hasPrefix("sys/"), let meant = readable("/" + text) { return meant }
    return nil
  }

  /// The numbers of an address between whatever separators: `01.00.0`, `pci-0000:01:00.0`, `0000_01_00_0`.
  private static func address(_ text: String) -> String? {
    var numbers = text.split { !$0.isHexDigit || !$0.isASCII }.map(String.init)
    let others = text.filter { !$0.isHexDigit || !$0.isASCII }
    let isPrefixed = text.lowercased().hasPrefix("pci")
    // Of the word itself; X's own notation, PCI:1:0:0, is decimal.
    if text.hasPrefix("PCI:") { return nil }
    if isPrefixed { numbers.removeFirst() }
    guard isPrefixed || others.allSatisfy({ ":._-".contains($0) }), numbers.count == 3 || numbers.count == 4 else {
      return nil
    }
    let isSlot = numbers.count == 3 && numbers[0].count >= 4
    let place = numbers.dropLast().joined(separator: ":")
    return readable(isSlot ? numbers.joined(separator: ":") : "\(place).\(numbers[numbers.count - 1])")
  }
}
