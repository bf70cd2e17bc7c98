import Host
import PCI
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
      Slip(kind: kind, text: word, sources: sources(of: word), ids: writtenIDs(in: word), meant: meant)
    }
    if let driver = KernelWord.claimNames[parameter.name] {
      guard let value = parameter.value, !value.isEmpty else {
        return [slip(.withoutValue, meant: self.meant(driver, line))]
      }
      if let last = line.last(where: { KernelParameter($0).name == parameter.name }), last != word {
        return [slip(.replaced(by: last), meant: nil)]
      }
      return Slip.kinds(of: value).map { slip($0, meant: self.meant(driver, line)) }
    }
    if ClaimedID.isList(word) {
      // Anywhere else on a command line, nothing says what it is.
      guard line.contains(where: { Self.driver(of: $0) != nil }) else { return [] }
      return [slip(.standsAlone, meant: self.meant(line.compactMap(Self.driver).first ?? VFIODriver.generic, line))]
    }
    guard let driver = Self.driver(of: word), let name = word.split(separator: "=").first else { return [] }
    return [slip(.notAParameter(String(name)), meant: self.meant(driver, line))]
  }

  /// The driver that a word means by its parameter, mistyped or not; nil if it means none.
  private static func driver(of word: String) -> String? {
    let parameter = KernelParameter(word)
    if let driver = KernelWord.claimNames[parameter.name] { return driver }
    // `vfio_pci.disable_vga=1` names no ids; `xen-pciback.hide=` is about no driver of these.
    guard let value = parameter.value,
      !ClaimedID.written(in: value).isEmpty || !ClaimedID.addresses(in: value).isEmpty
    else { return nil }
    if let name = suggestion(for: parameter.name, among: KernelWord.claimNames.keys.sorted()) {
      return KernelWord.claimNames[name]
    }
    let letters = parameter.name.lowercased().filter(\.isLetter)
    if letters.contains("pcistub") { return "pci-stub" }
    return letters.contains("vfio") ? VFIODriver.generic : nil
  }

  /// One parameter with all ids that the words of a line name for this driver; nil if they name none.
  private func meant(_ driver: String, _ line: [String]) -> String? {
    let words = line.filter { Self.driver(of: $0) == driver || ClaimedID.isList($0) }
    let ids = words.flatMap(writtenIDs)
    return ids.isEmpty ? nil : "\(driver).ids=" + Slip.list(ids)
  }

  /// What was meant by a text, be it by addresses.
  func writtenIDs(in text: String) -> [ClaimedID] {
    ClaimedID.written(in: text)
      + ClaimedID.addresses(in: text).compactMap { address -> ClaimedID? in
        guard let function = host[address], let vendor = function.vendorID.value, let device = function.deviceID.value
        else { return nil }
        return ClaimedID("\(hexText(vendor, digits: 4)):\(hexText(device, digits: 4))")
      }
  }
}

extension Slip {
  /// What the kernel does not read of a list.
  static func kinds(of value: String) -> [Kind] {
    let list = ClaimedIDs(value)
    if list.isTooLong { return [.tooLong] }
    let places = ClaimedID.addresses(in: value)
    let skipped = list.skipped.filter { ClaimedID.addresses(in: $0).isEmpty }
    return (places.isEmpty ? [] : [.addresses(places)]) + (skipped.isEmpty ? [] : [.skipped(skipped)])
      + list.ids.filter { !$0.isPlace }.filter { !$0.unread.allSatisfy { ":'\" ".contains($0) } }
      .map { .cutOff(read: $0.description, unread: $0.unread) }
  }

  /// Each id once, with commas.
  static func list(_ ids: [ClaimedID]) -> String {
    var texts: [String] = []
    for id in ids where !texts.contains(id.description) { texts.append(id.description) }
    return texts.joined(separator: ",")
  }
}
