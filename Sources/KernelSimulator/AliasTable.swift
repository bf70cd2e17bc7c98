import Synchronization

/// `modules.alias` by module, read once: a probe asks every registered driver, and the file has a megabyte.
final class AliasTable: Sendable {
  private let patterns = Mutex<[String: [Substring]]?>(nil)

  /// Patterns for PCI functions of one module; `text` gives the file's text, and is called the first time only.
  func patterns(of module: String, in text: () -> String?) -> [Substring] {
    patterns.withLock { kept in
      if let kept { return kept[module] ?? [] }
      var read: [String: [Substring]] = [:]
      for line in (text() ?? "").split(separator: "\n")
      where line.hasPrefix("alias pci:") || line.hasPrefix("alias vfio_pci:") {
        let words = line.split(separator: " ")
        if words.count == 3 { read[String(words[2]), default: []].append(words[1]) }
      }
      kept = read
      return read[module] ?? []
    }
  }
}
