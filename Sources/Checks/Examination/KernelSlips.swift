import Host
import Settings

extension Examination {
  /// Words of the kernel's command line, of this boot and of the next, that were meant to give devices away.
  var kernelSlips: [Slip] {
    var seen: Set<String> = []
    // What is written and was not carried over yet is as wrong.
    return (commandLines + [settings.boot.defaults.map(\.word)]).flatMap { line in
      line.flatMap { word in slips(word, on: line) }
        .filter { seen.insert("\(BootArgument.unquoted($0.text)) \($0.kind)").inserted }
    }
  }

  /// This boot's words, then those of the next.
  var commandLines: [[String]] { [surroundings.commandLine.value ?? [], settings.boot.promised.map(\.word)] }

  private func slips(_ word: String, on line: [String]) -> [Slip] {
    let parameter = KernelParameter(word)
    func slip(_ kind: Slip.Kind, meant: String?) -> Slip {
      Slip(kind: kind, text: word, sources: sources(of: word), ids: ClaimedID.written(in: word), meant: meant)
    }
    if let driver = KernelWord.claimNames[parameter.name] {
      guard let value = parameter.value else { return [slip(.withoutValue, meant: Self.meant(driver, line))] }
      if let last = line.last(where: { KernelParameter($0).name == parameter.name }), last != word {
        return [slip(.replaced(by: last), meant: nil)]
      }
      return Slip.kinds(of: value).map { slip($0, meant: Self.meant(driver, line)) }
    }
    if ClaimedID.isList(word) {
      // Anywhere else on a command line, nothing says what it is.
      guard line.contains(where: { Self.driver(of: $0) != nil }) else { return [] }
      return [slip(.standsAlone, meant: Self.meant(line.compactMap(Self.driver).first ?? VFIODriver.generic, line))]
    }
    guard let driver = Self.driver(of: word), let name = word.split(separator: "=").first else { return [] }
    return [slip(.notAParameter(String(name)), meant: Self.meant(driver, line))]
  }

  /// The driver that a word means by its parameter, mistyped or not; nil if it means none.
  private static func driver(of word: String) -> String? {
    let parameter = KernelParameter(word)
    if let driver = KernelWord.claimNames[parameter.name] { return driver }
    // `vfio_pci.disable_vga=1` and `xen-pciback.hide=` name no ids.
    guard let value = parameter.value, !ClaimedID.written(in: value).isEmpty else { return nil }
    if let name = suggestion(for: parameter.name, among: KernelWord.claimNames.keys.sorted()) {
      return KernelWord.claimNames[name]
    }
    let letters = parameter.name.lowercased().filter(\.isLetter)
    if letters.contains("pcistub") { return "pci-stub" }
    return letters.contains("vfio") ? VFIODriver.generic : nil
  }

  /// One parameter with all ids that the words of a line name for this driver.
  private static func meant(_ driver: String, _ line: [String]) -> String {
    let words = line.filter { self.driver(of: $0) == driver || ClaimedID.isList($0) }
    return "\(driver).ids=" + Slip.list(words.flatMap { ClaimedID.written(in: $0) })
  }
}

extension Slip {
  /// What the kernel does not read of a list.
  static func kinds(of value: String) -> [Kind] {
    let list = ClaimedIDs(value)
    if list.isTooLong { return [.tooLong] }
    return (list.skipped.isEmpty ? [] : [.skipped(list.skipped)])
      + list.ids.filter { !$0.unread.allSatisfy { ":'\" ".contains($0) } }
      .map { .cutOff(read: $0.description, unread: $0.unread) }
  }

  /// Each id once, with commas.
  static func list(_ ids: [ClaimedID]) -> String {
    var texts: [String] = []
    for id in ids where !texts.contains(id.description) { texts.append(id.description) }
    return texts.joined(separator: ",")
  }
}
